# Two stages: the first installs from the hash-pinned lock, the second holds what runs and nothing
# to build or install with. It runs as nobody in particular, on a read-only root (see compose.yaml).

FROM python:3.13-slim-trixie AS build
RUN python -m venv /opt/steelyard
WORKDIR /src
COPY requirements.txt ./
RUN /opt/steelyard/bin/python -m pip install --no-cache-dir --no-input \
        --require-hashes --only-binary :all: -r requirements.txt
COPY . .
RUN /opt/steelyard/bin/python -m pip install --no-cache-dir --no-input \
        --no-index --no-deps --no-build-isolation . \
    && /opt/steelyard/bin/python -m pip uninstall --yes editables hatchling trove-classifiers pip

FROM python:3.13-slim-trixie
RUN python -m pip uninstall --yes pip \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=build /opt/steelyard /opt/steelyard
ENV PATH=/opt/steelyard/bin:$PATH \
    STEELYARD_HOME=/data \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/data/cache/numba \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["steelyard"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
