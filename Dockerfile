# The image of all four programs: web, files, worker, beat (docker-compose.yml says which runs what).

FROM node:24-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim AS packages
WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock ./
RUN UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy uv sync --frozen --no-dev

FROM python:3.11-slim
# libmagic tells file types by content; without the embedded extra it comes from the system.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmagic1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin unbroken \
    && install -d -o unbroken -g unbroken -m 0700 /data /keys
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY --from=browser /app/node_modules node_modules
COPY manage.py ./
COPY custody custody
COPY evidence evidence
COPY workers workers
COPY templates templates
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    UNBROKEN_DATA=/data \
    UNBROKEN_KEYS=/keys
USER unbroken
VOLUME ["/data", "/keys"]
EXPOSE 8000 8001
CMD ["python", "manage.py", "check", "--deploy"]
