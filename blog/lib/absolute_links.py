"""Our HTML as it leaves the site, in feeds and mail: its links lead back from wherever it is read."""

import re
from urllib.parse import urlsplit

_LINKING_TAG = re.compile(r"<(?:a|img)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>")
_ADDRESS = re.compile(r'(\s(?:href|src)=")([/#][^"]*)')  # of our HTML: double quotes, those inside are escaped


def with_absolute_links(html: str, *, page: str) -> str:
    """Our HTML with the links that start with `/` or `#` made absolute, as seen from the address `page`."""
    parts = urlsplit(page)
    site = f"{parts.scheme}://{parts.netloc}"

    def absolute(found: re.Match[str]) -> str:
        target = found[2]
        if target.startswith("//"):
            return found[0]
        return found[1] + (page if target.startswith("#") else site) + target

    return _LINKING_TAG.sub(lambda tag: _ADDRESS.sub(absolute, tag[0]), html)
