#!/bin/sh
# Print a table of what the labcheck image is made of, in MB of 10^6 bytes, files' own sizes.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
need_engine
scripts/image.sh
checker=${LABCHECK_TAG_PREFIX:-}$(scripts/pin.sh image.checker)

docker run --rm --network none --entrypoint /bin/sh "$checker" -c '
    site=/usr/local/lib/python3.11/dist-packages
    row() {
        name=$1
        shift
        du -cbs "$@" 2>/dev/null | tail -n 1 | awk -v name="$name" "{printf \"%-42s%8.1f\n\", name, \$1 / 1e6}"
    }
    row "torch: shared libraries" $site/torch/lib
    row "torch: the rest" --exclude=$site/torch/lib $site/torch $site/torchgen $site/functorch $site/torch-*
    row "numpy" $site/numpy $site/numpy.libs $site/numpy-*
    row "matplotlib and what it imports" $site/matplotlib* $site/mpl_toolkits $site/pylab.py $site/PIL $site/pillow* $site/fontTools $site/fonttools-* $site/kiwisolver* $site/contourpy* $site/cycler* $site/pyparsing* $site/packaging* $site/dateutil $site/python_dateutil-* $site/tzdata*
    row "tqdm" $site/tqdm*
    row "sympy and mpmath" $site/sympy* $site/mpmath* $site/isympy*
    row "networkx" $site/networkx*
    row "other packages torch imports" $site/filelock* $site/fsspec* $site/jinja2* $site/markupsafe* $site/typing_extensions*
    row "Python and its standard library" /usr/bin/python3.11 /usr/lib/python3.11 /usr/lib/python3
    row "the rest of the Debian base" --exclude=/usr/lib/python3 --exclude=/usr/lib/python3.11 --exclude=/usr/bin/python3.11 /usr/bin /usr/sbin /usr/lib /usr/share /etc /var
    row "sandbox server" $site/verifier
    row "checker: packages it depends on" --exclude=verifier /opt/labcheck/lib
    row "checker, lab and schemas" /opt/labcheck/lib/verifier
'
for name in "${LABCHECK_TAG_PREFIX:-}$(scripts/pin.sh image.runtime)" "$checker"; do
    docker image inspect --format '{{.Size}}' "$name" |
        awk -v name="image $name" '{printf "%-42s%8.1f\n", name, $1 / 1e6}'
done
