"""What a message owes to the ones before it and to the blueprint that is there: "it", "the other one", "no, 16", "yes".

Here belongs what completes a short message, and what says whether there is anything that it could be about.
"""
