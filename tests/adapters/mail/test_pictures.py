"""What does a reader see? The letters in a real browser: a picture that is not blank, and lines that begin on the right side."""

import html
import json
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.mail.letters import write
from registrar.mails import Language, NoticeKind
from tests.adapters.mail.letters import EXPIRY, LETTERHEAD, a_mail

CHROMIUM = shutil.which("chromium")
PATIENCE_SECONDS = 60
WIDTHS = {"a screen": 720, "a phone": 500}
LONG_NAME = f"{'a-long-name-' * 5}x.com"

MEASURED = """<script>
const lines = [...document.querySelectorAll("p")].map((p) => {
  const all = document.createRange();
  all.selectNodeContents(p);
  const parts = [...all.getClientRects()], box = p.getBoundingClientRect();
  const lowest = Math.max(...parts.map((part) => part.bottom));
  const last = parts.filter((part) => part.bottom > lowest - 8);
  return [Math.min(...last.map((part) => part.left)) - box.left, box.right - Math.max(...last.map((part) => part.right))];
});
const page = document.documentElement;
document.body.dataset.measured = JSON.stringify({lines, beyond: page.scrollWidth - page.clientWidth});
</script></body>"""
"""Asks the browser how far the last line of each paragraph stands from its left and right edge; only the test adds it."""


class Seen(NamedTuple):
    """What the browser tells of a page."""

    lines: list[tuple[float, float]]
    """Of each paragraph's last line, how far it stands from the left and from the right edge."""
    beyond: float
    """How much of the page lies beyond the window."""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed here")
@pytest.mark.parametrize("language", list(Language))
def test_a_letter_is_seen_the_right_way(language: Language, tmp_path: Path) -> None:
    """A Persian letter's lines begin at the right and an English one's at the left, on a screen and on a phone."""
    letter = write(a_mail(NoticeKind.EXPIRY, language, EXPIRY, domain=LONG_NAME), LETTERHEAD)
    for width in WIDTHS.values():
        seen = measured(letter.html, tmp_path, width)
        starts = [right if language is Language.PERSIAN else left for left, right in seen.lines]
        ends = [left if language is Language.PERSIAN else right for left, right in seen.lines]
        assert len(seen.lines) == 6
        assert max(starts) < 2
        assert max(ends) > 40
        assert seen.beyond == 0
    assert painted(letter.html, tmp_path) > 5_000


def measured(page: str, folder: Path, width: int) -> Seen:
    """Let the browser lay a page out, and return what it measured."""
    told = browsed(page.replace("</body>", MEASURED), folder, f"--window-size={width},1200", "--dump-dom")
    found = re.search(r'data-measured="([^"]*)"', told.decode())
    assert found is not None
    return Seen(**json.loads(html.unescape(found[1])))


def painted(page: str, folder: Path) -> int:
    """Let the browser paint a page, and return how many of the picture's bytes differ from what stands beside them.

    Of a blank PNG hardly any does: its rows are kept as differences (PNG specification §9).
    """
    picture = folder / "letter.png"
    browsed(page, folder, "--window-size=720,1200", f"--screenshot={picture}")
    png, place, packed = picture.read_bytes(), 8, b""
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        packed += png[place + 8 : place + 8 + length] if kind == b"IDAT" else b""
        place += length + 12
    plain = zlib.decompress(packed)
    return len(plain) - plain.count(0)


def browsed(page: str, folder: Path, *wishes: str) -> bytes:
    """Run a browser that reaches no network over a page, and return what it prints."""
    file = folder / "letter.html"
    file.write_text(page, encoding="utf-8")
    run = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}", *wishes, file.as_uri(),
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)}, capture_output=True, check=True, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    return run.stdout
