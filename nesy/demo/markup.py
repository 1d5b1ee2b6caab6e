"""HTML that is escaped by construction: every string is text unless it is already :class:`Markup`."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

_VOID = frozenset({"img", "meta", "br"})


class Markup(str):
    """A piece of finished HTML."""

    __slots__ = ()


Content: TypeAlias = "str | Markup | None"


def text(content: Content) -> Markup:
    """``content`` as HTML: markup stays, other text is escaped, None is nothing."""
    if isinstance(content, Markup):
        return content
    return Markup(escape(content)) if content else Markup()


def join(*contents: Content) -> Markup:
    """The contents one after the other."""
    return Markup("".join(map(text, contents)))


def tag(name: str, /, *contents: Content, **attributes: str | None) -> Markup:
    """``<name attributes>contents</name>``.

    A trailing underscore of an attribute's name is dropped (``class_``), other underscores become hyphens
    (``aria_label``); an attribute with value None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*contents)}</{name}>")
