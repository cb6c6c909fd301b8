# The runtime with the packages of the variant `course` on top: `make image VARIANT=course`.
ARG RUNTIME_IMAGE=labcheck-runtime

FROM ${RUNTIME_IMAGE} AS packages
COPY build/wheelhouse/pip /wheelhouse/pip
COPY build/wheelhouse/course /wheelhouse/course
COPY docker/course.lock /wheelhouse/
# What the runtime has already, in the very same version (the locks agree), is not copied again.
# scikit-learn asks which libraries are loaded; a run may not read /proc, but can ask the linker.
RUN set -eu; site=/usr/local/lib/python3.11/dist-packages; course=/course$site; \
    PYTHONDONTWRITEBYTECODE=1 python3 /wheelhouse/pip/pip.whl/pip install --quiet --no-cache-dir \
        --disable-pip-version-check --root-user-action ignore --no-compile \
        --no-index --find-links /wheelhouse/course --require-hashes --no-deps \
        --target "$course" -r /wheelhouse/course.lock; \
    rm -rf "$course/bin"; \
    for each in "$course"/*; do \
        if [ -e "$site/${each##*/}" ]; then rm -rf "$each"; fi; \
    done; \
    find "$course" -depth -type d -name tests -exec rm -rf {} +; \
    sed -i 's|^    and os.path.exists("/proc/self")$|    and False|' "$course/threadpoolctl.py"; \
    grep -q '^    and False$' "$course/threadpoolctl.py"; \
    chmod -R u=rwX,go=rX "$course"; \
    PYTHONHASHSEED=0 python3 -m compileall -q -j 2 --invalidation-mode unchecked-hash \
        -s /course -p / "$course"

FROM ${RUNTIME_IMAGE} AS runtime
COPY --from=packages /course/ /
LABEL org.opencontainers.image.description="labcheck's runtime with the packages of courses; no lab data"
