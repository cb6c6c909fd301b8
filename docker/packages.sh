#!/bin/sh
# packages.sh SITE: make the packages that lessons import fit for runs, when they are installed.
#
# A run writes nowhere but in its folder, which a script may list; it has no screen and starts no
# thread; and the smaller an image, the better. For each of these, what is changed must be there.
set -eu
site=$1

# change FILE LINE LINES: the one in the place of the other; & is the line itself.
change() {
    cp "$site/$1" "$site/$1.was"
    sed -i "s|^$2\$|$3|" "$site/$1"
    if cmp -s "$site/$1" "$site/$1.was"; then
        echo "$1 has no line: $2" >&2
        exit 1
    fi
    rm "$site/$1.was"
}

find "$site/matplotlib" "$site/mpl_toolkits" -depth -type d \( -name tests -o -name sample_data \) \
    -exec rm -rf {} +
find "$site/fontTools" -name '*.c' -delete
rm -f "$site"/PIL/_avif.*.so "$site"/pillow.libs/libavif-*

# What matplotlib would make and keep below $HOME, a list of the fonts above all, lies in the image:
# to make the list takes a second of every run, and a thread that tells of it.
own=$site/matplotlib/mpl-data/own
mkdir "$own"
change matplotlib/__init__.py "    configdir = os.environ.get('MPLCONFIGDIR')" \
    "    if not os.environ.get('MPLCONFIGDIR'): return '$own'\n&"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$site" python3 -c 'import matplotlib.font_manager'
ls "$own"/fontlist-*.json >/dev/null

# A script that asks for a window (TkAgg, QtAgg) gets figures that are drawn for files, as by default.
change matplotlib/backends/registry.py '        return importlib.import_module(module_name)' \
    "        if backend.lower() not in self.list_builtin(BackendFilter.NON_INTERACTIVE):\n            module_name = 'matplotlib.backends.backend_agg'\n&"

# No thread looks after bars that stand still, and those of a notebook are text, as all others.
change tqdm/std.py '    monitor_interval = 10 .*' '    monitor_interval = 0'
change tqdm/notebook.py 'tqdm = tqdm_notebook' 'tqdm = std_tqdm'
change tqdm/notebook.py 'trange = tnrange' 'from .std import trange'
