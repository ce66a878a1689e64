"""What short messages begin and end with that says nothing by itself: "ok, and now …", "… too, please"."""

from __future__ import annotations

LEAD = (
    r"^\W*(?:(?:and|then|next|now|plus|ok|okay|please|pls|so|well|yes|yep|great|right|nice|thanks|also|but|hm+|oh|just|actually|sorry|"
    r"no|let['’]?s|could you|can you|we should|likewise|in fact|come to think of it|for that matter)\b\W*)*"
)
TAIL = r"(?:\W+(?:please|pls|thanks|then|now|too|as well|in fact|actually|for that matter))*\W*$"
