"""Reports: one file, nothing from outside, everything escaped, well formed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from nesy.demo.report import addition_report, sudoku_report
from tests.nesy.demo.scenes import addition_scene, sudoku_scene

PAGES = {"sudoku": sudoku_report(sudoku_scene((0, 1))), "addition": addition_report(addition_scene())}


class Checker(HTMLParser):
    """Checks that tags are closed in order, and gathers what a page holds."""

    VOID = ("meta", "img", "br")

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_well_formed_and_needs_nothing_from_outside(name: str) -> None:
    page = PAGES[name]
    found = Checker(page)
    assert not {tag for tag, _ in found.tags} & {"script", "link", "iframe", "object", "i"}
    addresses = [attributes[key] for _, attributes in found.tags for key in ("src", "href") if key in attributes]
    assert all(address is not None and address.startswith("data:image/png;base64,") for address in addresses)
    assert not re.search(r"https?:|url\(|@import", page)
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("name", PAGES)
def test_what_came_from_outside_is_text(name: str) -> None:
    found = Checker(PAGES[name])
    for shown in ('<script>alert("rules")</script>', "<i>bundled</i>", "quick & small", '"<b>.html"', "<weakest>"):
        assert shown in found.text


@pytest.mark.parametrize("name", PAGES)
def test_every_image_can_be_read_aloud(name: str) -> None:
    images = [attributes for tag, attributes in Checker(PAGES[name]).tags if tag == "img"]
    assert images
    assert all("read as" in (attributes["alt"] or "") for attributes in images)


def test_marks_and_verdict_of_a_puzzle() -> None:
    scene = sudoku_scene((1,))
    page = sudoku_report(scene)
    (puzzle,) = scene.puzzles
    assert page.count('class="edge-right"') == 4
    conflicts = re.findall(r'<span class="seen conflict[^"]*"><img', page)
    assert len(conflicts) == puzzle.conflicts.sum()
    text = Checker(page).text
    assert "Not valid" in text
    assert "Right: 1 corrupted cell, cell(4,4)." in text
    assert "1 image was misread" in text
    assert '<span class="row deciding">' in page


def test_a_sum_shows_its_least_certain_digit() -> None:
    text = Checker(PAGES["addition"]).text
    assert "The images show a sum of 12: wrong." in text
    assert "Least certain: y(1), with necessity 0.600." in text
