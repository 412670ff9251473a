"""Forms with files and long texts are taken apart in one piece.

Werkzeug takes them apart 64 KiB at a time. Where such a chunk ends within the end of an empty field, the field gets a
line break or the whole next field as its text, and the next field is lost (pallets/werkzeug#3285): the longer a form
and the more of it is empty, the surer. The body is in memory already (`intake`), so chunks would gain nothing.
"""

from typing import IO, Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, MultiPartParser


class WholeFormParser(FormDataParser):
    """As Werkzeug's, but a multipart body is one chunk, whatever its length; that is bounded before it is read."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        """Raises 413 for a field longer than `max_form_memory_size`, and for more parts than `max_form_parts`."""
        boundary = (options or {}).get("boundary", "").encode("ascii", "replace")
        if mimetype != "multipart/form-data" or not boundary:
            return super().parse(stream, mimetype, content_length, options)
        parser = MultiPartParser(
            stream_factory=self.stream_factory,
            max_form_parts=self.max_form_parts,
            cls=self.cls,
            buffer_size=-1,  # all there is
        )
        try:
            form, files = parser.parse(stream, boundary, content_length)
        except ValueError:
            if not self.silent:
                raise
            return stream, self.cls(), self.cls()
        most = self.max_form_memory_size
        if most is not None and any(len(value) > most for values in form.listvalues() for value in values):
            raise RequestEntityTooLarge
        return stream, form, files
