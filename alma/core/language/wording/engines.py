"""What everything should run on, said by calling it the engine: `use kubernetes as the engine`, `engine: docker`; or
told of what is drafted: `it's for our proxmox box in the office`.

Kubernetes and Docker are things that people want made as well; whoever says "engine" means where the rest goes.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_NAME = r"(?P<engine>proxmox(?: ve)?|pve|docker|kubernetes|k8s|(?:the )?simulation)"
_NOUN = r"(?:target |deployment )?engine"
_ENGINE = rf"(?:the |our |my |its )?{_NOUN}"
_AS_ENGINE = rf"(?:(?:as|for|to be) (?:the |our |my |its |an? )?|(?:the |our |my |its )){_NOUN}"
_USING = (
    r"(?:use|using|take|choose|pick|select|go with|go for|have|want|make|set|switch to|change to)"
)
# What is drafted, as a whole: "let's do it on docker instead", "could we run all of this on proxmox instead?".
_WHOLE = r"(?:it all|it|this|that|everything|all of (?:it|this|that|them)|the (?:whole|entire) (?:thing|lot)|them)"
_SEVERAL = r"(?:both|all(?: (?:\d+|two|three|four|five))?|each)(?: of (?:it|them|these|those|the (?:two|three|\w+s)))?"
_DO = r"(?:do|have|run|host|put|build|keep|make|try)"
_PROPOSING = r"(?:let['’]?s|let us|i['’]?d rather|we['’]?d rather|we should|better)(?: (?:just|rather|please|now|all))*"
_ON = r"(?:all )?(?:on|onto|in|with)"
_STARTING = (
    r"(?:run|start|host|deploy|launch|set up|spin up|bring up|stand up|create|make|serve|build|install|get|"
    r"put up)\b"
)
_ENDS = r"(?=\s*(?:$|[,.;!\n]|please\b|pls\b|instead\b|and\b|for\b))"
_WAYS = tuple(
    seldom(rf"{way}{_ENDS}", re.IGNORECASE)
    for way in (
        rf"\b{_USING} {_NAME} {_AS_ENGINE}(?: of choice)?",
        rf"\b(?:set|change|switch|make) {_ENGINE} (?:to|be|into) {_NAME}",
        rf"\A\W*{_ENGINE}\s*(?::|=|should be|must be|is) ?{_NAME}(?=\W*\Z)",  # else a field of a form
        rf"\b{_PROPOSING} {_DO} {_WHOLE} {_ON} {_NAME}(?: (?:instead|rather))?",
        rf"\b(?:can|could) (?:we|you|i) (?:please )?{_DO} {_WHOLE} {_ON} {_NAME} (?:instead|rather)\b\??",
        rf"\b(?:let['’]?s |we )?(?:go|went) with {_NAME} for {_WHOLE}",
        rf"\b{_USING} {_NAME} for (?:{_WHOLE}|{_SEVERAL})",
        rf"\b{_NAME} (?:should|must|shall|is to|has to|will) be {_ENGINE}",
    )
)
# A field of a form, beside others: `Engine: docker`, `Runs on: Proxmox VE`, `deploy to = k8s`.
_FIELD = seldom(
    rf"(?P<before>^|[\n;,|]\s*)(?:[-*•]\s*)?(?:{_ENGINE}|(?:target |deployment |container )?(?:platform|target|runtime|"
    r"hypervisor|orchestrator)|deploy(?:ed|ment)?(?: to| on)|runs? on|running on|hosted on|host(?:ing)? on|where)"
    r"\s*[:=]\s*"
    rf"{_NAME}\s*(?=$|[\n;,|])",
    re.IGNORECASE,
)
# What should run there follows: `use docker to start a redis`, `let docker run gitea`, `use k8s for an nginx`.
_MEANS = seldom(
    rf"^(?P<before>\W*(?:(?:hi|hello|hey|please|pls|so|ok)\W+)*)(?:(?:i|we)(?:'d| would)? (?:want|like|need|plan) to |"
    r"(?:can|could) you )?(?:let(?:'s| us) )?(?:please )?(?:use|using|take|let|have|(?P<need>(?:i|we) need))\s+"
    rf"{_NAME}(?: compose)?(?:\s+to(?=\s+{_STARTING})|(?(need)(?!)|(?:\s*:|(?=\s+{_STARTING})|"
    r"\s+for(?=\s+(?:an?|some|two|three|\d+)\s)|(?=\s+(?:i|we)(?:'d| would| want| need)\b))))\s+"
    r"(?!\w+ (?:it|them|this|that|everything|all)\b)",
    re.IGNORECASE,
)
_ISED = seldom(
    r"^(?P<before>\W*)(?:an? )?dockeri[sz]ed (?!apps?\b|application)|"
    r"(?<=\w) dockeri[sz]ed(?=\W*(?:(?:please|pls)\W*)?$)",
    re.IGNORECASE,
)
_ORDERS = re.compile(rf"(?:{_STARTING}|(?:i|we|please|can|could)\b)", re.IGNORECASE)
_UNDER = seldom(rf"\bunder (?={_NAME}\b)", re.IGNORECASE)
_NOUNS = (
    r"(?:box(?:es)?|hosts?|servers?|cluster|machines?|nodes?|hypervisors?|environment|setup|installation|platform|"
    r"instance|installs?|rack|lab|homelab|farm)"
)
_SOMEWHERE = (
    r"(?:\s+(?:here|there|at home|at work|in[- ]house|on[- ]prem\w*|upstairs|downstairs|locally|anyway|by the way|"
    r"(?:in|at|under) (?:the|our|my) [\w-]+(?: (?:room|office|cent(?:er|re)|closet|department))?))*"
)
_IT = (
    r"(?:it|this|that|these|those|they|everything|all of (?:it|this|that|them)|the whole (?:thing|lot)|all|both|"
    r"the (?:lot|thing|stack))"
)
_GOES = (
    r"(?:['’](?:s|re|ll)|\s+(?:is|are|will|would|should|must|shall|can|has|have|needs?|ought))?"
    r"(?:\s+(?:all|just|only|to|be|go|goes|going|run|runs|running|live|lives|sit|sits|land|lands|belong|belongs|end up|"
    r"meant|intended|supposed|planned|hosted|deployed|set up|actually|really|probably|also|later))*"
)
_PLACED = seldom(
    r"(?P<lead>^|[.!;\n]\s*)(?:(?:so|and|oh|btw|by the way|also|ok|well|just so you know|fyi|note)\b[\s,:]*)*"
    rf"(?:{_IT}{_GOES}\s+(?:for|on|onto|to|in|into|inside)\s+(?:the |our |my |a |an |one of our |an? (?:old|"
    rf"small|new) )?"
    rf"(?:[a-z]+ )?{_NAME}(?: {_NOUNS})?|we (?:only |all |mostly |just )?(?:run|use) (?:only )?(?P<ours>proxmox|docker)"
    rf"(?= (?:here|in[- ]house|on[- ]prem|at (?:home|work)|in the (?:office|lab)))){_SOMEWHERE}"
    r"(?=\s*(?:$|[.!;\n]))",
    re.IGNORECASE,
)
# What somebody has at hand, told before an order: "I just got a NUC with proxmox on it, can you make a vm …".
_ORDER_FOLLOWS = (
    r"(?=(?:[,;]|\s*[-–—]|\s+(?:and|so))+\s*(?:(?:and|so|now|then|please|pls)\s+)*"
    r"(?:(?:can|could|would|will) (?:you|we)\b|"
    rf"i['’]?(?:d| would) (?:like|want)\b|(?:i|we) (?:need|want)\b|(?:give|make|get) (?:me|us)\b|{_STARTING})|"
    r"[.!]+\s+(?:(?:can|could|would) (?:you|we)\b|(?:please\s+)?(?:(?:give|make|get) (?:me|us)\b|"
    rf"{_STARTING})))"
)
_OWNED = seldom(
    r"(?P<lead>^|[.!;\n]\s*)(?:(?:hi|hey|hello|so|ok|well)\b(?: (?:all|there|alma|team))?[\s,!:]*)*"
    r"(?:(?:(?:i|we)(?:['’]ve| have)?(?: (?:just|only|recently|already|now|finally))*\s+(?:got|have|bought|own|run|use|"
    r"installed|set up|built|picked up)|there(?:['’]s| is)|"
    r"(?:my|our|the) (?:[\w-]+ )?(?:homelab|lab|box|server|nuc|machine|host|"
    r"laptop|mini ?pc|office|cluster)(?: at (?:home|work))? (?:has|runs|is running|uses))\s+)"
    r"(?![^,;.!?\n]*\b(?:not|no|never|but|vmware|hyper-v|off|from|too)\b)"
    r"(?:[\w'’-]+\s+){0,8}?"
    rf"{_NAME}\b(?! (?:and|or|experience|license|templates?|vms?)\b)(?:\s+[\w'’-]+){{0,6}}?{_ORDER_FOLLOWS}",
    re.IGNORECASE,
)


def on_engine(message: str) -> str:
    """The message with what is called the engine as a place to run on."""
    if (means := _MEANS.match(message)) is not None:
        rest = message[means.end() :]
        led = f"using {means['engine']}," if _ORDERS.match(rest) else f"with {means['engine']}:"
        message = f"{means['before']}{led} {rest}"
    message = _ISED.sub(lambda f: " on docker" if f["before"] is None else "with docker: ", message)
    message = _UNDER.sub("on ", message)
    for way in _WAYS:
        message = way.sub(lambda found: f"switch to {found['engine']}", message)
    message = _PLACED.sub(
        lambda found: f"{found['lead']}switch to {found['engine'] or found['ours']}", message
    )
    message = _OWNED.sub(lambda found: f"{found['lead']}switch to {found['engine']}", message)
    return _FIELD.sub(r"\g<before>on \g<engine>", message)
