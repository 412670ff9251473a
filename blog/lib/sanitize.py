"""The only sanitizer: bleach cleaners for each trust level, our own check of every address, and the linkifier.

bleach is at its end of life, so no module but this one and `token_walk` imports it: another library could take its
place here in a day. Its parser is asked only for what is not plainly nested (`markup_tokens`); every tag, attribute and
character goes through its filter all the same.
"""

import html
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from pygments.token import STANDARD_TYPES

from blog.lib.markup_tokens import Parser
from blog.lib.text import INVISIBLE, Level

Rules = Mapping[tuple[str, str], Callable[[str], object]]
Removed = Counter[tuple[str, str]]

LINK_REL = "nofollow ugc noopener"
ID_PREFIX = "user-content-"  # keeps ids that people type away from the ids of the page
CODE_CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)  # what Pygments may put on a span

INLINE_TAGS = frozenset(("a", "br", "code", "em", "strong"))
COMMENT_TAGS = INLINE_TAGS | {"blockquote", "div", "li", "ol", "p", "pre", "span", "ul"}
_TABLE_TAGS = frozenset(("table", "tbody", "td", "th", "thead", "tr"))
ARTICLE_TAGS = COMMENT_TAGS | _TABLE_TAGS | {"h2", "h3", "h4", "h5", "h6", "hr", "img", "sup"}

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_WEB_ADDRESS = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_MAIL_ADDRESS = re.compile(r"mailto:[^@:/?]+@[^@:/?]+", re.IGNORECASE)
_OWN_IMAGE = re.compile(r"/media(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")
_OWN_ID = re.compile(ID_PREFIX + r"[\w:-]{1,120}")
# An address in running text needs its scheme: `config.py` and `deploy.sh` are files here, not sites in Paraguay and
# Saint Helena. The length bound keeps bleach's trimming of brackets, a square of it, cheap.
_BARE_ADDRESS = re.compile(r"(?<![\w@/])https?://\w(?:[^\s<>\"'`|\\^{}]{0,2000}[\w/=&%+)#~$@-])?", re.IGNORECASE)


# Numbers that name no character. bleach and Python read all their digits, which costs the square or raises.
_ENDLESS_REFERENCE = re.compile(r"&(?=#(?:[0-9]{8}|[xX][0-9a-fA-F]{7}))")


def is_safe_link(value: str) -> bool:
    """Whether an `href` may stay: http, https, mailto, `/path` or `#id`, as a browser will read it.

    Entities are decoded first. Any control, blank or invisible character and any backslash refuses the address, since
    browsers skip or rewrite them; so does `//host`, a path on another site.
    """
    address = html.unescape(value)
    if _INVISIBLE.search(address) or "\\" in address:
        return False
    if address.startswith("#"):
        return True
    if address.startswith("/"):
        return not address.startswith("//")
    if _MAIL_ADDRESS.match(address):
        return True
    return bool(_WEB_ADDRESS.match(address)) and _has_host(address)


def is_own_image(value: str) -> bool:
    """Whether an image `src` is an upload of this site: `/media/...` in plain ASCII, without `..`."""
    return ".." not in value and bool(_OWN_IMAGE.fullmatch(value))


def sanitize(markup: str, level: Level, *, removed: Removed | None = None) -> str:
    """HTML of one trust level, holding the listed tags and attributes only; other tags show as typed. What is taken
    away is counted in `removed`, by (`address` or `attribute`, its scheme or name).
    """
    cleaner = _cleaner(level)
    _cleaners.removed = Counter() if removed is None else removed
    return cleaner.clean(_ENDLESS_REFERENCE.sub("&amp;", markup))


def typed_markup(markup: str) -> Removed:
    """What of sanitized HTML looks like markup outside of code, but shows as typed: (`tag` or `picture`, its name)."""
    prose = _CODE.sub("", markup)
    found = Counter(("tag", name) for tag in _TYPED_TAG.finditer(prose) if (name := tag[1].lower()) in _HTML_TAGS)
    if pictures := len(_TYPED_PICTURE.findall(prose)):
        found["picture", ""] = pictures
    return found


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # an unfinished IPv6 address, a port that is no number
        return False


def _always(_value: str) -> bool:
    return True


def _one_of(*allowed: str) -> Callable[[str], bool]:
    return frozenset(allowed).__contains__


def _code_classes(value: str) -> bool:
    return bool(value) and CODE_CLASSES.issuperset(value.split())


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_CODE = re.compile(r"<(pre|code)\b[^>]*>.*?</\1>", re.DOTALL)
_TYPED_TAG = re.compile(r"&lt;([A-Za-z][A-Za-z0-9]{0,20})(?=[\s/]|&gt;)")
_TYPED_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\(")
# What people type when they mean HTML (the elements of its standard); `<name>` and `<T>` are words.
_HTML_TAGS = frozenset(
    """
    a abbr article aside audio b base blockquote body br button canvas center code col colgroup dd del
    details div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5
    h6 head header hr html i iframe img input ins kbd label legend li link main mark marquee math meta
    nav noscript object ol optgroup option p param picture pre q s samp script section select small
    source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead
    title tr track tt u ul var video wbr
    """.split()  # noqa: SIM905 - a list of words reads better so
)

_COMMENT_RULES: Rules = {
    ("a", "href"): is_safe_link,
    ("a", "title"): _always,
    ("div", "class"): _one_of("highlight"),
    ("ol", "start"): re.compile(r"[0-9]{1,9}").fullmatch,
    ("pre", "tabindex"): _one_of("0"),  # a box that scrolls must be reachable with the keyboard
    ("span", "class"): _code_classes,
}
_ARTICLE_RULES: Rules = {
    **_COMMENT_RULES,
    **{(tag, "id"): _OWN_ID.fullmatch for tag in ("h2", "h3", "h4", "h5", "h6", "li", "sup")},
    ("a", "class"): _one_of("footnote-ref", "footnote-backref"),
    ("div", "class"): _one_of("highlight", "footnote", "table-scroll"),
    ("div", "tabindex"): _one_of("0"),
    ("img", "alt"): _always,
    ("img", "loading"): _one_of("lazy"),
    ("img", "src"): is_own_image,
    ("img", "title"): _always,
    ("li", "class"): _one_of("task"),
    ("span", "class"): lambda value: value == "image-alt" or _code_classes(value),
    ("td", "class"): _one_of("align-left", "align-center", "align-right"),
    ("th", "class"): _one_of("align-left", "align-center", "align-right"),
    ("th", "scope"): _one_of("col"),
}
_LEVELS: Mapping[Level, tuple[frozenset[str], Rules]] = {
    "article": (ARTICLE_TAGS, _ARTICLE_RULES),
    "comment": (COMMENT_TAGS, _COMMENT_RULES),
    "inline": (INLINE_TAGS, _COMMENT_RULES),
}


def _allow(rules: Rules, tag: str, name: str, value: str) -> bool:
    rule = rules.get((tag, name))
    is_allowed = bool(rule and rule(value))
    if not is_allowed:
        is_address = name in ("href", "src")
        _cleaners.removed["address" if is_address else "attribute", _scheme_of(value) if is_address else name] += 1
    return is_allowed


def _scheme_of(address: str) -> str:
    """The beginning of an address as it is named to its writer, `javascript:`; none where it has no scheme."""
    found = _SCHEME.match(_INVISIBLE.sub("", html.unescape(address)))
    return found[0].lower() if found else ""


def _mark_link(attrs: MutableMapping[tuple[str | None, str], str], new: bool = False, /) -> Any:
    """Give links out their `rel`. None for a new link that our own check refuses: it stays text."""
    address = attrs.get((None, "href"), "")
    if new and not is_safe_link(address):
        return None
    if html.unescape(address)[:4].lower() == "http":
        attrs[(None, "rel")] = LINK_REL
    return attrs


class _Linkifier(LinkifyFilter):
    """Links for addresses in running text."""

    def extract_entities(self, token: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The sanitizer took the references out before, so an ampersand that is left is one: `&amp;lt;` is no `<`."""
        yield token


class _Cleaners(threading.local):
    """One cleaner a level for each thread, because bleach's parser keeps state."""

    def __init__(self) -> None:
        self.by_level: dict[Level, Cleaner] = {}
        self.removed: Removed = Counter()


_cleaners = _Cleaners()


def _cleaner(level: Level) -> Cleaner:
    if level not in _cleaners.by_level:
        tags, rules = _LEVELS[level]
        linkify = partial(
            _Linkifier,
            callbacks=[_mark_link],
            skip_tags={"pre", "code"},
            parse_email=False,
            url_re=_BARE_ADDRESS,
        )
        _cleaners.by_level[level] = cleaner = Cleaner(
            tags=tags,
            attributes=partial(_allow, rules),
            protocols={"http", "https", "mailto"},
            strip=False,
            strip_comments=True,
            filters=[linkify],
            css_sanitizer=None,
        )
        cleaner.parser = Parser(cleaner.parser, tags)  # type: ignore[assignment]
        cleaner.walker = iter  # type: ignore[assignment]
    return _cleaners.by_level[level]
