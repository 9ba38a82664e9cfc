#!/usr/bin/env python3
"""Makes the picture of docs/pipelines.md: the plan comment of a change of examples/factory, as a page shows it.

    python3 -m venv .tools/pictures && .tools/pictures/bin/pip install markdown-it-py==4.3.0 pillow==13.0.0
    .tools/pictures/bin/python docs/pictures/make.py

It needs `leastwise` (target/debug, or on PATH) and `chromium` on PATH. Nothing is fetched.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

from markdown_it import MarkdownIt
from PIL import Image, ImageChops

ROOT = pathlib.Path(__file__).resolve().parents[2]
AS_OF = "2026-07-01"
# What somebody did to the factory: a reader more, and a writer that writes to one place less.
CHANGES = [
    ("trusts-data.kdl", 'under "vib/" "gw/" "vision/"', 'under "vib/" "gw/"'),
]
ADDED = (
    "trusts-data.kdl",
    'trust dashboard -> p1-insight { allow read; because "F11 Shift leaders see the wear of each machine" }\n',
)
# How a code host shows a comment, near enough. What is folded there is unfolded as somebody does who reads it.
STYLE = """
body { margin: 24px; background: #fff; color: #1f2328; width: 900px; font: 14px/1.5 "DejaVu Sans", sans-serif; }
.comment { border: 1px solid #d1d9e0; border-radius: 6px; }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e; border-radius: 6px 6px 0 0; }
.body { padding: 4px 16px 12px; }
code { background: #eff1f3; border-radius: 4px; padding: 2px 5px; font: 12px "DejaVu Sans Mono", monospace; }
table { border-collapse: collapse; } td, th { border: 1px solid #d1d9e0; padding: 5px 12px; }
ul { padding-left: 24px; } li { margin: 4px 0; } summary { cursor: pointer; margin: 8px 0; }
h3 { margin: 12px 0; }
"""


def main() -> None:
    binary = ROOT / "target/debug/leastwise"
    leastwise = str(binary if binary.exists() else shutil.which("leastwise"))
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder, "factory")
        shutil.copytree(ROOT / "examples/factory", project)
        run([leastwise, "compile", ".", "--as-of", AS_OF], project)
        for name, old, new in CHANGES:
            text = (project / name).read_text()
            assert old in text, f"{name} has no {old!r}"
            (project / name).write_text(text.replace(old, new))
        with (project / ADDED[0]).open("a") as spec:
            spec.write(ADDED[1])
        plan = run([leastwise, "plan", ".", "--against", "out", "--format", "markdown", "--as-of", AS_OF], project)
        markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
        body = markdown.render(plan).replace("<details>", "<details open>", 2)
        page = pathlib.Path(folder, "page.html")
        page.write_text(
            f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
            f'<div class="comment"><div class="head">leastwise commented</div><div class="body">{body}</div></div>'
        )
        shot = pathlib.Path(folder, "shot.png")
        run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=960,1400",
             f"--screenshot={shot}", page.as_uri()],
            project,
        )
        picture = Image.open(shot).convert("RGB")
        box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
        picture = picture.crop((0, 0, picture.width, box[3] + 24)).quantize(64)
        picture.save(ROOT / "docs/pictures/plan-comment.png", optimize=True)


def run(command: list[str], folder: pathlib.Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


main()
