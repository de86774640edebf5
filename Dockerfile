# syntax=docker/dockerfile:1
# Build: docker build -t child-space-atlas .      Run: docker run --rm -p 8050:8050 child-space-atlas
# The release is built inside, from packages alone; mount another one over /app/data, or rebuild with your register:
# docker build --build-arg CENTRES=my-register.csv -t child-space-atlas .
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
ARG UV_VERSION=0.13.9
ARG CENTRES=
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /app
COPY pyproject.toml uv.lock LICENSE NOTICE README.md ./
# Two environments: what serves (it goes into the image), and what builds (it does not: 1 GB).
RUN /opt/uv/bin/uv sync --locked --no-default-groups \
    && UV_PROJECT_ENVIRONMENT=/opt/build /opt/uv/bin/uv sync --locked --no-default-groups --group build
COPY geodata geodata
COPY etl etl
COPY ${CENTRES:-NOTICE} /tmp/register.csv
RUN if [ -n "${CENTRES}" ]; then export CENTRES=/tmp/register.csv; fi \
    && /opt/build/bin/python -m etl build
COPY docs/method docs/method
COPY dashboard dashboard

FROM ${BASE}
RUN useradd --create-home --uid 10001 atlas
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/LICENSE /app/NOTICE ./
COPY --from=build /app/geodata geodata
COPY --from=build /app/dashboard dashboard
COPY --from=build /app/docs docs
COPY --from=build --chown=atlas /app/data data
USER 10001
ENV HOST=0.0.0.0 PORT=8050 PYTHONUNBUFFERED=1
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD [".venv/bin/python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD [".venv/bin/python", "-m", "dashboard"]
