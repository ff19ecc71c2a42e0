"""Django's settings, from the environment only; `docs/operations.md` lists every variable.

No default is unsafe in production: without a secret key and a database nothing starts.
"""

from pathlib import Path

from custody import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("UNBROKEN_DATA", str(BASE_DIR / "var"))).absolute()
KEYS_DIR = Path(env.text("UNBROKEN_KEYS", str(DATA_DIR / "keys"))).absolute()
VAULT_DIR = Path(env.text("UNBROKEN_VAULT", str(DATA_DIR / "vault"))).absolute()

DEBUG = env.switch("UNBROKEN_DEBUG")
SECRET_KEY = env.text("UNBROKEN_SECRET_KEY")
ADDRESS = env.text("UNBROKEN_ADDRESS", "127.0.0.1:8000")
FILES_ADDRESS = env.text("UNBROKEN_FILES_ADDRESS", "127.0.0.1:8001")
# The addresses that people's browsers use; behind a proxy both are usually one https origin.
PUBLIC_URL = env.text("UNBROKEN_PUBLIC_URL", f"http://{ADDRESS}").rstrip("/")
FILES_URL = env.text("UNBROKEN_FILES_URL", f"http://{FILES_ADDRESS}").rstrip("/")
ALLOWED_HOSTS = [h for h in env.text("UNBROKEN_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
# A loopback address has a name too, under which passkeys work.
PAGE_ORIGINS = list(dict.fromkeys([PUBLIC_URL, env.named(PUBLIC_URL)]))
CSRF_TRUSTED_ORIGINS = PAGE_ORIGINS

AGENCY = env.text("UNBROKEN_AGENCY", "Demonstration Agency")
# The origin of the custody log stands in every record; it can never change once the log is open.
LOG_ORIGIN = env.text("UNBROKEN_LOG_ORIGIN", "demonstration.invalid/custody-log")

# Two outside authorities that stamp the log's heads (RFC 3161): address, and their certificates (PEM).
TIME_AUTHORITIES = [
    (env.text("UNBROKEN_TSA_1"), env.text("UNBROKEN_TSA_1_CERTIFICATE")),
    (env.text("UNBROKEN_TSA_2"), env.text("UNBROKEN_TSA_2_CERTIFICATE")),
]
# Only approved algorithms where we choose: a new log signs its heads with P-256 instead of Ed25519.
FIPS = env.switch("UNBROKEN_FIPS")
# Lines `witness`, `group`, `quorum` of a C2SP tlog-policy, usually in a file: who must cosign the heads of the log.
WITNESSES = env.text("UNBROKEN_WITNESSES")
# What mirrors show to read the log under /log/; without one nobody reads it there.
MIRROR_TOKENS = [t for t in env.text("UNBROKEN_MIRROR_TOKENS").split(",") if t]

INSTALLED_APPS = [
    "custody.admin.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "evidence.apps.EvidenceConfig",
    "custody.apps.CustodyConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "custody.web.middleware.SecurityHeaders",
    "custody.web.middleware.IdleAndAge",
    "custody.web.middleware.ViewerZone",
]

ROOT_URLCONF = "custody.urls"
WSGI_APPLICATION = "custody.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "custody.web.context.page",
            ],
        },
    },
]

DATABASES = {
    "default": env.database(env.text("DATABASE_URL", "postgresql://unbroken_app@127.0.0.1/unbroken"))
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "custody.Person"
AUTHENTICATION_BACKENDS = ["custody.accounts.backend.PersonBackend"]
# CJIS IA-5(1)(a): at least eight characters, checked against a list of compromised passwords.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

# CJIS AC-11, IA-5: thirty minutes idle, twelve hours at most, gone when the browser closes.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = 30 * 60
SESSION_MAX_SECONDS = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SECURE_COOKIES = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.switch("UNBROKEN_BEHIND_PROXY") else None
# Forms here are small; files never come through them but through the files service.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS: list[str] = []

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_VIEWER_ZONE = env.text("UNBROKEN_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
NODE_MODULES = Path(env.text("UNBROKEN_NODE_MODULES", str(BASE_DIR / "node_modules")))
STATICFILES_DIRS = [
    (f"vendor/{name}", NODE_MODULES / folder)
    for name, folder in [
        ("bootstrap", "bootstrap/dist"),
        ("bootstrap-icons", "bootstrap-icons/font"),
        ("htmx", "htmx.org/dist"),
        ("tus", "tus-js-client/dist"),
    ]
    if (NODE_MODULES / folder).is_dir()
]
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "custody.api.auth.BearerAuthentication",
        "custody.api.auth.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "custody.api.errors.problem",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Unbroken",
    "DESCRIPTION": "Evidence intake, custody and proof. Every change of evidence is a signed act: "
    "prepare a draft, sign its bytes, send the signature.",
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AuthorityKind": "evidence.cases.AuthorityKind",
        "CaseStatus": "evidence.cases.CaseStatus",
        "DataCategory": "evidence.cases.DataCategory",
        "DerivativeState": "evidence.derivatives.DerivativeState",
        "ExtractorOutcome": "evidence.items.ExtractorOutcome",
        "ItemState": "evidence.items.ItemState",
        "KeyState": "custody.accounts.models.KeyState",
        "ReportState": "custody.reports.models.ReportState",
        "TransferState": "custody.transfers.TransferState",
        "UploadState": "evidence.uploads.UploadState",
    },
}

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
# Celery only rings the bell; the row in the jobs table is the job (docs/adr/0006).
CELERY_BROKER_URL = REDIS_URL
# Everything stored is read again within so many days, by the clock at no more than this rate.
FIXITY_DAYS = env.number("UNBROKEN_FIXITY_DAYS", 90)
FIXITY_MIB_PER_S = env.number("UNBROKEN_FIXITY_MIB_PER_S", 50)
# Wrong log-ons within the window lock the account until an administrator releases it (CJIS AC-7).
LOCK_AFTER_FAILURES = 5
LOCK_WINDOW_SECONDS = 15 * 60

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime}.{msecs:03.0f} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Addresses of the files service carry capabilities; a client's log line must not keep them.
    "loggers": {"httpx": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.text("UNBROKEN_LOG_LEVEL", "INFO")},
}
