"""The instruments of these tests find what they are for: each is tried on a page with a planted fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import reading
from tests.browser.reading import faults_of, opened

SOUND = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src {digest}">
</head><body><main><h1>A page</h1>{body}</main></body></html>"""

PLANTED = [
    ("color-contrast", '<p style="color:#bbb;background:#fff">Pale</p>'),
    (
        "target-size",
        '<button style="width:9px;height:9px;padding:0">a</button><button style="width:9px;height:9px;padding:0">b</button>',
    ),
    ("label", '<input type="text">'),
    ("svg-img-alt", '<svg role="img" width="9" height="9"><circle r="4"/></svg>'),
    ("heading-order", "<h4>Too deep</h4>"),
]


def _page(folder: Path, body: str, digest: str = "'none'") -> Path:
    file = folder / "page.html"
    file.write_text(SOUND.format(body=body, digest=digest), encoding="utf-8")
    return file


def test_a_sound_page_has_no_fault(chromium: Browser, tmp_path: Path) -> None:
    assert faults_of(chromium, _page(tmp_path, "<p>Words.</p>")) == []


@pytest.mark.parametrize(("rule", "body"), PLANTED)
def test_a_planted_fault_is_found(chromium: Browser, tmp_path: Path, rule: str, body: str) -> None:
    found = faults_of(chromium, _page(tmp_path, body))
    assert sum(f" {rule} (" in each for each in found) == 2, "wide with JavaScript, narrow without"


def test_what_is_too_wide_for_a_phone_is_found(chromium: Browser, tmp_path: Path) -> None:
    found = faults_of(chromium, _page(tmp_path, '<p style="width:500px">Wide</p>'))
    assert found and all("320 px" in each and "500px" in each for each in found)


def test_a_request_to_somebody_else_is_found(chromium: Browser, tmp_path: Path) -> None:
    body = '<link rel="stylesheet" href="other.css">'
    policy_free = _page(tmp_path, body)
    policy_free.write_text(policy_free.read_text().replace("default-src 'none'; ", "default-src *; "))
    policy_free.write_text(policy_free.read_text().replace("style-src 'unsafe-inline'", "style-src *"))
    assert any("asks for" in each for each in faults_of(chromium, policy_free, widths=(1280,)))


def test_what_a_script_breaks_is_found_with_scripts_and_what_it_mends_without(
    chromium: Browser, tmp_path: Path
) -> None:
    script = "document.getElementById('it').textContent='Made by the script'"
    file = _page(tmp_path, f"<h2 id='it'></h2><script>{script}</script>", "'unsafe-inline'")
    found = faults_of(chromium, file, widths=(1280,))
    assert len(found) == 1 and "without JavaScript" in found[0] and "empty-heading" in found[0]


def test_everything_is_unfolded_before_it_is_judged(chromium: Browser, tmp_path: Path) -> None:
    file = _page(tmp_path, "<details><summary>More</summary><p id='within'>Words</p></details>")
    with opened(chromium, file.as_uri(), scripts=False) as read:
        assert read.ask("document.getElementById('within').checkVisibility()") is True


def test_no_browser_is_a_failure_and_never_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALMONER_CHROMIUM", raising=False)
    monkeypatch.setattr(reading.shutil, "which", lambda name: None)
    with pytest.raises(pytest.fail.Exception, match="setup_browser"), reading.start_browser():
        pass
