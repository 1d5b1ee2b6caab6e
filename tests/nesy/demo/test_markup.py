"""Markup: whatever is not markup is escaped."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from nesy.demo.markup import Markup, join, tag, text


def test_a_tag() -> None:
    made = tag("p", "a < b", tag("br"), None, class_="x", aria_label='say "hi"', title=None)
    assert made == '<p class="x" aria-label="say &quot;hi&quot;">a &lt; b<br></p>'


@given(st.text(), st.text())
def test_text_comes_back_through_a_parser(content: str, attribute: str) -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.text, self.tags = "", []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.append((tag, attrs))

        def handle_data(self, data: str) -> None:
            self.text += data

    reader = Reader()
    reader.feed(tag("p", content, title=attribute))
    reader.close()
    assert reader.text == content
    assert reader.tags == [("p", [("title", attribute)])]


def test_markup_is_not_escaped_twice() -> None:
    assert text(text("<")) == "&lt;"
    assert isinstance(join("<", Markup("<br>")), Markup)
    assert join("<", Markup("<br>")) == "&lt;<br>"
