#!/usr/bin/env python3
"""Takes pictures of editors at work: runs each in a terminal that is only memory, types, and writes its screen as SVG.

    python3 -m venv .tools/pictures && .tools/pictures/bin/pip install pyte==0.8.2
    .tools/pictures/bin/python editors/pictures/take.py [neovim] [emacs]

It wants `nvim`, `emacs`, `cc` and `leastwise` on PATH (`target/debug`, `.tools/venv/bin`), and the packages of `editors/test`.
"""

import fcntl
import html
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte

COLUMNS, LINES = 110, 32
HERE = pathlib.Path(__file__).resolve().parent
EDITORS = HERE.parent
ROOT = EDITORS.parent
# How long an editor has to be quiet before the next key, and at most: the server proves the spec meanwhile.
QUIET_SECONDS, WAIT_SECONDS = 1.5, 25.0

NAMED = {
    "default": "#d8dee9", "black": "#2e3440", "red": "#e06c75", "green": "#98c379", "brown": "#e5c07b", "blue": "#61afef",
    "magenta": "#c678dd", "cyan": "#56b6c2", "white": "#d8dee9", "brightblack": "#7f848e", "brightred": "#e06c75",
    "brightgreen": "#98c379", "brightbrown": "#e5c07b", "brightblue": "#61afef", "brightmagenta": "#c678dd",
    "brightcyan": "#56b6c2", "brightwhite": "#ffffff",
}
GROUND = "#1e2127"


def colour(name, default):
    if name == "default":
        return default
    return NAMED.get(name) or f"#{name}"


def svg(screen, title):
    width, height = 8.4, 18
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * width + 20:.0f}" height="{LINES * height + 20}" role="img">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="100%" height="100%" rx="6" fill="{GROUND}"/>',
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">',
    ]
    for row in range(LINES):
        at = 0
        while at < COLUMNS:
            cell = screen.buffer[row][at]
            end = at + 1
            style = (cell.fg, cell.bg, cell.bold, cell.italics, cell.underscore, cell.reverse)
            while end < COLUMNS:
                other = screen.buffer[row][end]
                if (other.fg, other.bg, other.bold, other.italics, other.underscore, other.reverse) != style:
                    break
                end += 1
            text = "".join(screen.buffer[row][column].data or " " for column in range(at, end))
            front, back = colour(cell.fg, NAMED["default"]), colour(cell.bg, GROUND)
            if cell.reverse:
                front, back = back, front
            x, y = 10 + at * width, 10 + row * height
            if back != GROUND:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{(end - at) * width:.1f}" height="{height}" fill="{back}"/>')
            if text.strip():
                more = ' font-weight="bold"' if cell.bold else ""
                more += ' font-style="italic"' if cell.italics else ""
                more += ' text-decoration="underline"' if cell.underscore else ""
                out.append(
                    f'<text x="{x:.1f}" y="{y + 14}" fill="{front}" textLength="{len(text) * width:.1f}"{more}>{html.escape(text)}</text>'
                )
            at = end
    out += ["</g>", "</svg>", ""]
    return "\n".join(out)


def session(command, keys, env, folder):
    """The screen after some keys; each is typed once the editor is quiet."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        # Before the editor asks how large its terminal is.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.chdir(folder)
        os.execvpe(command[0], command, env)

    def settle():
        begun = last = time.monotonic()
        while time.monotonic() - begun < WAIT_SECONDS and time.monotonic() - last < QUIET_SECONDS:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    stream.feed(os.read(terminal, 65536))
                except OSError:
                    return
                last = time.monotonic()

    settle()
    for key in keys:
        if isinstance(key, float):
            time.sleep(key)
        else:
            os.write(terminal, key.encode())
        settle()
    # The editor leads a session of its own, in which the server is, too.
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    return screen


def project(folder):
    shutil.copy(ROOT / "examples/minimal/leastwise.kdl", folder / "leastwise.kdl")
    spec = folder / "leastwise.kdl"
    text = spec.read_text()
    # What there is to see: more things, and a name with a letter missing.
    spec.write_text(
        text
        + """
queue jobs { encrypted key=notes-key; retain "4d"; hidden-for "2m" }
workload reader runs-on=ecs
trust reader -> notes {
    allow read list
    because "Notes are read here"
    expires "2027-06-30"
}
trust scribe -> jbs { allow send; because "Work is handed on" }
never reader -> notes { allow write; because "Readers only read" }
test "a reader only reads" {
    as reader { can read notes; cannot write notes }
}
"""
    )


def neovim(folder, env):
    source = EDITORS / "test/node_modules/tree-sitter-kdl/src"
    (folder / "site/parser").mkdir(parents=True)
    subprocess.run(
        ["cc", "-O1", "-shared", "-fPIC", "-I", source, "-o", folder / "site/parser/kdl.so", source / "parser.c", source / "scanner.c"],
        check=True,
    )
    init = folder / "init.lua"
    init.write_text(
        f"""
vim.opt.runtimepath:prepend('{EDITORS}/neovim')
vim.opt.runtimepath:prepend('{folder}/site')
vim.opt.termguicolors = true
vim.opt.number = true
vim.opt.signcolumn = 'yes'
vim.opt.swapfile = false
vim.opt.shortmess:append('I')
vim.cmd('filetype plugin indent on')
vim.diagnostic.config({{ virtual_text = false, virtual_lines = {{ current_line = true }} }})
vim.lsp.enable('leastwise')
"""
    )
    # To the mistake, whose message is shown below it; then what the server knows of the word above.
    return session(["nvim", "-u", str(init), "leastwise.kdl"], [3.0, "/jbs\r", 4.0], env, folder)


def emacs(folder, env):
    init = folder / "init.el"
    init.write_text(
        f"""
(add-to-list 'load-path "{EDITORS}/emacs")
(setq native-comp-async-report-warnings-errors nil comp-deferred-compilation nil warning-minimum-level :emergency)
(setq inhibit-startup-screen t eldoc-echo-area-use-multiline-p 3 create-lockfiles nil make-backup-files nil)
(menu-bar-mode -1)
(load-theme 'wombat t)
(require 'package)
(package-initialize)
(require 'leastwise-mode)
(require 'eglot)
(add-hook 'leastwise-mode-hook #'eglot-ensure)
(find-file "leastwise.kdl")
"""
    )
    return session(["emacs", "-nw", "-q", "-l", str(init)], [4.0, "\x181", "\x13jbs\r", "\x02", 4.0, "\x0c"], env, folder)


EDITOR = {"neovim": (neovim, "nvim"), "emacs": (emacs, "emacs")}


def main():
    path = os.pathsep.join([str(ROOT / "target/debug"), str(ROOT / ".tools/venv/bin"), os.environ["PATH"]])
    if "LEASTWISE" in os.environ:
        path = os.pathsep.join([str(pathlib.Path(os.environ["LEASTWISE"]).parent), path])
    for name in sys.argv[1:] or EDITOR:
        take, program = EDITOR[name]
        if not shutil.which(program, path=path):
            print(f"there is no {program}: no picture of {name}", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory(prefix="shop-", ignore_cleanup_errors=True) as scratch:
            folder = pathlib.Path(scratch)
            env = {"PATH": path, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": scratch}
            env |= {f"XDG_{part}_HOME": f"{scratch}/xdg" for part in ["CONFIG", "DATA", "STATE", "CACHE"]}
            project(folder)
            screen = take(folder, env)
        (HERE / f"{name}.svg").write_text(svg(screen, f"A spec in {name}"))
        print("\n".join(line.rstrip() for line in screen.display))


main()
