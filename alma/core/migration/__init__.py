"""Moving house: what others have written down of infrastructure becomes a blueprint, and a blueprint another place's.

Pure. `reading` takes descriptions in (compose, Kubernetes, Terraform), `platforms` says what stands for what where,
`waves`, `moving` and `target` make a plan of it. Prices and engines are asked by the service that joins these.
"""
