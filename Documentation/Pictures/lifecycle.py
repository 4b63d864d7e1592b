#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Part of swift-sockets.
"""Draws the life of a connection for the article "Sockets from the ground up".

    Documentation/Pictures/lifecycle.py FOLDER

writes lifecycle.svg and lifecycle~dark.svg, the same picture for light and for dark pages; DocC chooses.
The committed ones are in Sources/Sockets/Sockets.docc/Images, and a test compares them.
"""

import sys

WIDTH, HEIGHT = 920, 706
SERVER, CLIENT = 270, 650  # The middles of the two lifelines.
BOX = 132, 36

LIGHT = {
    "text": "#1d1d1f", "quiet": "#6e6e73", "line": "#c7c7cc", "box": "#ffffff",
    "server": "#0b63c5", "client": "#1b7f4b", "wire": "#b4531a", "queue": "#e8f1fc",
}
DARK = {
    "text": "#f5f5f7", "quiet": "#a1a1a6", "line": "#48484a", "box": "#1c1c1e",
    "server": "#6cb2ff", "client": "#5ed39a", "wire": "#f0a36b", "queue": "#16324f",
}


class Picture:
    def __init__(self, colors):
        self.colors = colors
        self.parts = []

    def add(self, part):
        self.parts.append("  " + part)

    def text(self, x, y, words, color="text", anchor="middle", size=14, style=""):
        self.add(
            f'<text x="{x}" y="{y}" fill="{self.colors[color]}" text-anchor="{anchor}" '
            f'font-size="{size}"{style}>{words}</text>')

    def code(self, x, y, words, color="text", anchor="middle", size=14):
        self.text(x, y, words, color, anchor, size, ' class="code"')

    def line(self, x1, y1, x2, y2, color="line", width=2, dash=""):
        dash = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{self.colors[color]}" '
            f'stroke-width="{width}" stroke-linecap="round"{dash}/>')

    def arrow(self, x1, y1, x2, y2, words, color="wire", dash="", above=8):
        """An arrow over the wire, a little down as time goes on, with its words above the middle."""
        self.line(x1, y1, x2, y2, color, 2, dash)
        way = 1 if x2 > x1 else -1
        self.add(
            f'<path d="M {x2 - 10 * way} {y2 - 6} L {x2} {y2} L {x2 - 10 * way} {y2 + 5}" fill="none" '
            f'stroke="{self.colors[color]}" stroke-width="2" stroke-linecap="round" '
            f'stroke-linejoin="round"/>')
        self.text((x1 + x2) / 2, (y1 + y2) / 2 - above, words, color, size=13)

    def box(self, x, y, call, color, says="", doubled=False):
        """A call: its box around the height y, and what it is for on the outer side."""
        width, height = BOX
        if doubled:
            self.rectangle(x - width / 2 + 5, y - height / 2 + 5, width, height, color, "box")
        self.rectangle(x - width / 2, y - height / 2, width, height, color, "box")
        self.code(x, y + 5, call, color, size=15)
        if says:
            outer = x - width / 2 - 14 if x == SERVER else x + width / 2 + 14
            anchor = "end" if x == SERVER else "start"
            for number, row in enumerate(says.split("\n")):
                rows = says.count("\n")
                self.text(outer, y + 5 + 17 * (number - rows / 2), row, "quiet", anchor, 13)

    def rectangle(self, x, y, width, height, color, fill, radius=9):
        self.add(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" '
            f'fill="{self.colors[fill]}" stroke="{self.colors[color]}" stroke-width="1.75"/>')

    def svg(self):
        title = "The life of a connection, on the server's side and on the client's"
        return "\n".join([
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!-- SPDX-License-Identifier: Apache-2.0. Drawn by Documentation/Pictures/lifecycle.py -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img">',
            f"  <title>{title}</title>",
            "  <style>text { font-family: -apple-system, 'Helvetica Neue', Helvetica, Arial, sans-serif }"
            " .code { font-family: 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace }</style>",
            *self.parts, "</svg>", ""])


def draw(colors):
    picture = Picture(colors)
    half = BOX[0] / 2
    left, right = SERVER + half + 10, CLIENT - half - 10

    picture.text(SERVER, 30, "server", "server", size=20, style=' font-weight="600"')
    picture.text(CLIENT, 30, "client", "client", size=20, style=' font-weight="600"')
    picture.text((SERVER + CLIENT) / 2, 30, "the wire", "wire", size=16)

    # The lifelines, behind everything else: they end where the sockets do.
    picture.line(SERVER, 68, SERVER, 660)
    picture.line(CLIENT, 188, CLIENT, 660)

    picture.box(SERVER, 68, "socket", "server", "a descriptor,\nno address yet")
    picture.box(SERVER, 128, "bind", "server", "its address:\nwell known")
    picture.box(SERVER, 188, "listen", "server", "opens the backlog")

    picture.box(CLIENT, 188, "socket", "client", "a descriptor,\nno address yet")
    picture.box(CLIENT, 248, "connect", "client", "its address: chosen\nby the system")

    # The handshake ends in the backlog, without accept.
    picture.arrow(right, 244, left + 62, 262, "SYN")
    picture.arrow(left + 62, 274, right, 290, "SYN, ACK")
    picture.arrow(right, 302, left + 62, 318, "ACK")
    top = 240
    for number in range(4):
        filled = number == 3
        picture.rectangle(
            left + 8, top + 22 * number, 44, 18, "server" if filled else "line",
            "queue" if filled else "box", 4)
    picture.text(left + 30, top - 9, "backlog", "quiet", size=13)

    picture.box(SERVER, 356, "accept", "server", "takes the oldest one out:\na second socket", True)
    picture.line(left + 30, top + 86, left + 30, 356, "server", 2, "2 5")
    picture.add(
        f'<path d="M {left + 30} 356 L {left + 8} 356 m 8 -6 l -8 6 l 8 6" fill="none" '
        f'stroke="{colors["server"]}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>')

    picture.box(CLIENT, 408, "write", "client", "says something")
    picture.arrow(right, 408, left, 424, "bytes")
    picture.box(SERVER, 426, "read", "server", "says how many came")
    picture.box(SERVER, 478, "write", "server", "answers")
    picture.arrow(left, 478, right, 494, "bytes")
    picture.box(CLIENT, 496, "read", "client", "says how many came")

    picture.box(CLIENT, 556, "shutdown", "client", "has no more to say,\nand still hears")
    picture.arrow(right, 556, left, 572, "FIN")
    picture.box(SERVER, 578, "read → 0", "server", "the end of the stream")
    picture.box(SERVER, 640, "close", "server", "the listening socket\nstays for the next one")
    picture.arrow(left, 632, right, 648, "FIN")
    picture.box(CLIENT, 660, "read → 0", "client", "the end: close")

    picture.text(
        SERVER, 690, "back to accept", "quiet", size=13, style=' font-style="italic"')
    return picture.svg()


folder = sys.argv[1]
for name, colors in (("lifecycle", LIGHT), ("lifecycle~dark", DARK)):
    with open(f"{folder}/{name}.svg", "w", encoding="utf-8") as file:
        file.write(draw(colors))
