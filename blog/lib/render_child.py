"""The render process: reads texts from standard input, answers with sanitized HTML, ends when the site does.

Run by `render_process` as `python -m blog.lib.render_child`; hostile text can only hurt this process.
"""

import contextlib
import re
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any, BinaryIO

from blog.lib import frames
from blog.lib.markdown import may_mention, to_raw_html
from blog.lib.sanitize import sanitize, typed_markup
from blog.lib.text import Level, mend_text, plain_text
from blog.lib.text_limits import excess

MEMORY_BYTES = 512 * 1024 * 1024
# The site kills a render after its own limit; this ends one whose site has gone away meanwhile.
ORPHAN_SECONDS = 4.0

_HEADING = re.compile(r'<h([2-6]) id="([^"]*)">(.*?)</h\1>', re.DOTALL)
_WARM_UP = "# a\n\n- [x] `b` [c](/d) **e**\n\n|f|g|\n|-|-|\n|h|i|\n\n```python\nj = 1\n```\n"


def render(text: str, level: Level, people: Mapping[str, int] | None = None) -> dict[str, Any]:
    """One answer: `html`, `toc` as [level, id, text] rows, `plain`, `removed` as [what, name, count] rows, and the
    numbers of the `people` it mentions, of those given by handle; or `refused` with the reason.
    """
    text = mend_text(text)
    if reason := excess(text, level):
        return {"refused": reason}
    try:
        mentioned = may_mention(people or {})
        removed: Counter[tuple[str, str]] = Counter()
        markup = sanitize(to_raw_html(text, level), level, removed=removed)
        removed.update(typed_markup(markup))
        toc = [
            [int(depth), name, plain_text(words).replace("\n", " ")] for depth, name, words in _HEADING.findall(markup)
        ]
        shown = {"html": markup, "toc": toc, "plain": plain_text(markup)}
        return {**shown, "removed": [[*what, count] for what, count in removed.items()], "people": list(mentioned)}
    except MemoryError:
        raise
    except Exception as error:
        return {"refused": f"the renderer failed with {type(error).__name__}"}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end. The first frame out says that the process is ready."""
    for level in ("article", "comment", "inline"):
        render(_WARM_UP, level)
    _answer(answers, {"ready": True})
    while (request := frames.read(requests)) is not None:
        signal.setitimer(signal.ITIMER_REAL, ORPHAN_SECONDS)
        try:
            answer, ending = render(request["text"], request["level"], request.get("people")), False
        except MemoryError:
            answer, ending = {"refused": "the renderer ran out of memory"}, True
        signal.setitimer(signal.ITIMER_REAL, 0)  # waiting for a slow reader is no fault of the text
        _answer(answers, answer)
        if ending:
            return


def main() -> None:
    """Bound the memory, leave Ctrl-C to the site, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system can bound memory
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(BrokenPipeError):  # the site went away in the middle of an answer
        serve(sys.stdin.buffer, sys.stdout.buffer)


def _answer(stream: BinaryIO, message: dict[str, Any]) -> None:
    stream.write(frames.pack(message))
    stream.flush()


if __name__ == "__main__":
    main()
