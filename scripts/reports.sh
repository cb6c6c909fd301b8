#!/bin/sh
# Write what labcheck says of the whole corpus with the code of a commit, and compare two: the guard
# of a change that moves code or data and must change no behaviour.
#
#   scripts/reports.sh COMMIT             writes build/reports/<short commit>/
#   scripts/reports.sh COMMIT COMMIT2     writes both; where they differ, says how and exits 1
#
# A COMMIT of . (or worktree) is the working tree as it is. RUNNER=container runs the scripts in
# containers, of images built from each commit, and then the hostile ones too. FRESH=1 makes reports
# again that are there; else those of a commit are kept, for as long as the corpus, this guard and
# the packages are the same. --find-unrepeatable COMMIT writes the list of scripts whose output
# varies from run to run. PYTHON=… takes another Python than that of .venv.
#
# Both commits judge the same bytes: the corpus of the checkout that this script stands in, copied
# under names that no layout of the tree changes. Only the commit's command line is used.
#
# Covered, in the folders of the reports:
#   scripts/   the row of every script of the corpus (mistakes, styles, cheats, doubles, references as
#              answers to every exercise, files that are refused), which holds its report as JSON; and
#              of one script of each kind (exercise, verdict, stage, ending, diagnoses, findings) text,
#              JSON, JUnit, Markdown and annotations of a run of its own, and its diagnosis explained
#   batches/   of each folder of scripts, a class with odd names and an archive: summary, gradebook,
#              page, Markdown, annotations; drawn from the rows by a second run that goes on from them
#   outputs/   some 280 captured outputs, right, nearly right and hostile: check in every format; record
#   goldens/   in a copy of the labs, what golden update and golden mistakes write, and --check before
#   tells/     verify, lab list and show, golden show and diff, explain, record --run, history,
#              completion, doctor
#   drift/     observations of this processor as it is and as the plainest, and their comparison
#   errors/    some 60 commands that go wrong, with exit code and message
#   help/      the help of every command: apart, because it may change on purpose
#   hostile/   of hostile scripts verdict and diagnoses, in containers only, without the slow ones
#
# On a busy machine a script may run out of time. So each folder of scripts is graded twice, and where
# both differ a third time: what came out twice holds. Where reports differ nevertheless that should
# not, FRESH=1 on a quiet machine tells.
#
# Hidden: what scripts/reports/normal.py says, and nothing else. Of the scripts in
# scripts/reports/unrepeatable.txt, and of the hostile ones, only verdict and diagnoses are kept.
# Not covered: upgrade, portability, several jobs at a time, interrupted batches, terminals (colours,
# progress), the image labcheck. In JSON the order of keys is compared, the blanks are not.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

# Whoever names a Python has made it; else it is that of .venv.
case " $* " in *' -h '* | *' --help '*) ;; *)
    if [ -z "${PYTHON:-}" ]; then scripts/setup.sh; fi
    if [ "${RUNNER:-}" = container ]; then need_engine; fi
    one_at_a_time reports
    ;;
esac
exec "${PYTHON:-.venv/bin/python}" -m scripts.reports "$@"
