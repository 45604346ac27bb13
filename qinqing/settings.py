"""All settings; what differs by place comes from the environment (`qinqing.env`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from qinqing.env import (
    ACCOUNT_BURST_LIMIT,
    ACCOUNT_COOL_OFF_HOURS,
    ALLOWED_HOSTS,
    BANK_CUT_OFF_SECONDS,
    BANK_LEASE_SECONDS,
    BANK_TIMEOUT_SECONDS,
    CSRF_TRUSTED_ORIGINS,
    DATA_CIPHER,
    DATA_HASH,
    DATA_KEY,
    DATA_KEYS_BEFORE,
    DATABASE,
    DATABASE_KEEPS_PLANS,
    EMAIL,
    HEARING_WORKING_DAYS,
    IDENTITY_CLIENT_ID,
    IDENTITY_CLIENT_SECRET,
    IDENTITY_LEVEL,
    IDENTITY_URL,
    IS_PRODUCTION,
    MAIL_FROM,
    OWNER_DATABASE,
    PAYER_ACCOUNT,
    PAYER_BANK_NUMBER,
    PAYER_NAME,
    PLAIN_HOSTS,
    READER_DATABASE,
    REDIS_URL,
    SECOND_FACTOR,
    SECRET_KEY,
    WATCHED_FOLDER,
    env,
)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "qinqing.kernel.admin.site.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "pgtrigger",
    "rest_framework",
    "knox",
    "qinqing.proposals.apps.ProposalsConfig",
    "companies",
    "policies",
    "payouts",
    "qinqing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "qinqing.middleware.loosen_admin_content_policy",
    "qinqing.middleware.state_privacy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "qinqing.middleware.prolong_official_sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "qinqing.uploads.limit_request_size",
    "django_htmx.middleware.HtmxMiddleware",
    "qinqing.middleware.refuse_null_characters",
    "qinqing.middleware.NumericObjectIds",
    "qinqing.middleware.ConfineOfficials",
    "qinqing.kernel.web.second_factor.require_second_factor_of_officials",
    "qinqing.middleware.AnswerRefusals",
    "qinqing.kernel.web.step_up.AskWhoItIs",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "qinqing.urls"
WSGI_APPLICATION = "qinqing.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "qinqing" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# To open a connection costs as much as a click. We keep nothing in its session, so a pooler may stand in between; the
# health check finds a connection that a restarted server has cut.
DATABASES = {"default": DATABASE | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}
# A server-side cursor would belong to a session, and a form's choices would open one.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
# The statements of `kernel.database.prepared_statements` alone are prepared. PgBouncer knows such statements from 1.21.
if DATABASE_KEEPS_PLANS:
    DATABASES["default"]["OPTIONS"]["options"] = "-c plan_cache_mode=force_generic_plan"
# The role that may read only. It may be a copy of the database, which lags behind.
DATABASES["reader"] = READER_DATABASE | {"CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
DATABASES["reader"]["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
# What `kernel.database.reading` reads through.
READER_ALIAS = "reader"
CACHES = {
    # Each process remembers for itself what is cheap to work out again.
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # The counts that all processes share.
    "shared": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": str(DATABASES["default"]["NAME"]),
        # We treat a server that hangs like one that is away; nobody who signs in waits longer than this.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "companies.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "qinqing.kernel.database.prepared_lookup.Accounts"]
# PostgreSQL keeps the plans of what every click looks up. Sessions stay in the database, where a sign-out ends them.
SESSION_ENGINE = "qinqing.kernel.database.prepared_lookup"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "companies.people.password_rules.GuessedPasswords"},
]
PASSWORD_CONTEXT_WORDS = ["qinqing", "亲清", "hangzhou", "杭州", "subsidy", "duifu"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    # A password that was hashed by this one is hashed anew when its owner signs in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# The link in the mail for a new password is good for a day.
PASSWORD_RESET_TIMEOUT = 86_400
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "companies.people.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "companies.people.sign_in_forms.SignInForm",
    "reauthenticate": "companies.people.sign_in_forms.PasswordOnceMoreForm",
    "request_reauthentication_code": "companies.people.sign_in_forms.AskForCodeForm",
    "confirm_reauthentication_code": "companies.people.sign_in_forms.MailedCodeForm",
    "reset_password": "companies.people.sign_in_forms.ForgottenPasswordForm",
    "reset_password_from_key": "companies.people.sign_in_forms.PasswordByMailForm",
    "change_password": "companies.people.sign_in_forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
# Nobody makes an account by themselves, and an address of mail is confirmed where it is entered.
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Wrong passwords are counted by django-axes and by our own throttles, which share their counts between processes.
ACCOUNT_RATE_LIMITS = {"login": ""}
# The city's identity; a mail address that it names opens no account, and its tokens are not kept.
SOCIALACCOUNT_ADAPTER = "companies.city_identity.adapter.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "companies.city_identity.provider.CityProvider",
        "APPS": [
            {
                "provider_id": "city",
                "name": "City identity",
                "client_id": IDENTITY_CLIENT_ID,
                "secret": IDENTITY_CLIENT_SECRET,
                "settings": {"server_url": IDENTITY_URL, "fetch_userinfo": False, "oauth_pkce_enabled": True},
            }
        ],
    }
}
MFA_ADAPTER = "qinqing.kernel.web.second_factor.FactorAdapter"
MFA_FORMS = {
    "authenticate": "companies.people.sign_in_forms.SecondFactorForm",
    "reauthenticate": "companies.people.sign_in_forms.SecondFactorOnceMoreForm",
    "activate_totp": "companies.people.sign_in_forms.NewAppForm",
    "add_webauthn": "companies.people.sign_in_forms.NewKeyForm",
    "edit_webauthn": "companies.people.sign_in_forms.KeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Accounts are made by officials, and an address is confirmed by the first link; it must not stand in a factor's way.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers offer passkeys on https, and without it only on the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION

# A second factor is fresh for so long: for acts on money, files with account numbers, and the factors themselves.
STEP_UP_SECONDS: int = env.int("QINQING_STEP_UP_SECONDS", default=300)
# Where somebody proves who it is who has neither a password nor a second factor here.
STEP_UP_ELSEWHERE = "city-identity-again"
ACCOUNT_REAUTHENTICATION_TIMEOUT = STEP_UP_SECONDS

# Five wrong passwords lock this account from this address for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Behind the proxy all visitors have one address, and anybody could lock anybody's account.
AXES_CLIENT_IP_CALLABLE = "qinqing.kernel.web.rate_limit.visitor_address"
AXES_USERNAME_CALLABLE = "qinqing.kernel.web.rate_limit.attempted_username"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "companies/locked_out.html"
# A firm's page has a tick for each person and month, at most a hundred per policy.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
# Where people find help: a telephone number, or an office with its address.
SERVICE_DESK = env.str("QINQING_SERVICE_DESK", default="") or _("the government service hotline 12345")
CSRF_FAILURE_VIEW = "qinqing.views.csrf_failure"

# How mail leaves: the terminal outside production, unless EMAIL_URL names a server.
vars().update(EMAIL)
DEFAULT_FROM_EMAIL = MAIL_FROM
# Errors send no e-mail: whoever runs the platform reads the logs of its parts.
LOGGING_CONFIG = "qinqing.logs.set_up"
LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "qinqing.logs.line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # The web server's own log has the requests that were not found or not allowed.
        "django.request": {"level": "ERROR"},
        "celery": {"level": "INFO"},
        # Celery's pool reports ended processes here. The logger passes nothing on by itself, so it needs a handler.
        "multiprocessing": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "qinqing" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["qinqing.formats"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".local" / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "qinqing" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Outside production static files are served from their source folders, without `collectstatic`.
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
# Pages carry the token in their forms, so no script has to read a cookie.
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PRODUCTION else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # The form that begins a sign-in by the city's identity is answered by a redirect to its provider.
        "form-action": [SELF, *([_origin(IDENTITY_URL)] if IDENTITY_URL else [])],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # Each view names its own. By the framework's default, one that names none would let passwords be tried without end.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "qinqing.kernel.web.refusals.answer_in_json",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
# The lifetime of a token that was made without one.
REST_KNOX = {"TOKEN_TTL": timedelta(days=365)}
SPECTACULAR_SETTINGS = {"TITLE": "Qinqing", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A message wakes workers for the rows of one database; several databases may share a broker.
    "global_keyprefix": f"{DATABASES['default']['NAME']}:",
    # Otherwise a page would wait for ever for a broker that hangs, although a nudge may get lost.
    "socket_connect_timeout": 5,
    "socket_timeout": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# The tasks that a delivery wakes once it has landed; the sweeps below would find its rows, too. The names stand here
# because a lower app does not know the tasks of those above it.
WOKEN_BY_DELIVERIES = ["policies.tasks.match_due"]
# By default Celery opens a connection for each task; with this limit the connection's age decides.
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "match"
CELERY_TASK_ROUTES = {
    # A source may keep its worker waiting for half an hour.
    "companies.tasks.pull_sources": {"queue": "pull"},
    "companies.tasks.*": {"queue": "match"},
    "policies.tasks.*": {"queue": "match"},
    "payouts.tasks.send_clicked": {"queue": "click"},
    "payouts.tasks.apply_replies": {"queue": "reply"},
    "payouts.tasks.read_reply_files": {"queue": "reply"},
    "payouts.tasks.write_ordered_files": {"queue": "reply"},
    "payouts.tasks.reconcile_batches": {"queue": "reply"},
    "payouts.tasks.*": {"queue": "pay"},
}
CELERY_TIMEZONE = TIME_ZONE
# These sweeps find the work of lost nudges; each takes due rows and may run twice without harm. Each has its period and
# its time to expire, in seconds: a message that waited behind a long run of its sweep has nothing to add.
SWEEPS = {
    "companies.tasks.forget_ended_sessions": (3_600, 60),
    "companies.tasks.watch_accounts": (30, 10),
    "companies.tasks.tell_of_accounts": (60, 30),
    "companies.tasks.pull_sources": (30, 25),
    "policies.tasks.match_due": (1, 5),
    "policies.tasks.preview_due": (5, 5),
    "policies.tasks.lapse": (300, 60),
    "policies.tasks.activate_due": (60, 30),
    "policies.tasks.remind_due": (60, 30),
    "policies.tasks.suspend_stale": (60, 30),
    "payouts.tasks.watch": (30, 10),
    "payouts.tasks.send_clicked": (2, 10),
    "payouts.tasks.send_due": (2, 10),
    "payouts.tasks.ask_in_doubt": (3, 10),
    "payouts.tasks.claim_automatic": (5, 10),
    "payouts.tasks.divide_due": (10, 10),
    "payouts.tasks.serve_waitlist": (5, 10),
    "payouts.tasks.resume_mended": (10, 10),
    "payouts.tasks.hear_returns": (60, 10),
    "payouts.tasks.raise_alarms": (60, 10),
    "payouts.tasks.look_after": (600, 10),
    "payouts.tasks.end_publicity": (60, 10),
    "payouts.tasks.send_messages": (60, 10),
    "payouts.tasks.tell_of_notices": (60, 30),
    "payouts.tasks.read_reply_files": (10, 10),
    "payouts.tasks.write_ordered_files": (10, 10),
    "payouts.tasks.hand_over_files": (10, 10),
    "payouts.tasks.reconcile_batches": (15, 10),
    "payouts.tasks.apply_replies": (2, 10),
}
if WATCHED_FOLDER:
    SWEEPS["companies.tasks.watch_folder"] = (10, 10)
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": float(every), "options": {"expires": expires}}
    for task, (every, expires) in SWEEPS.items()
}

# The admin's theme takes its shades from our design tokens, which define every colour.
JADE = {str(shade): f"var(--jade-{shade})" for shade in (50, *range(100, 1000, 100), 950)}
# The module that narrows what officials see and touch to their district and department.
SCOPE = "companies.people.scope"
# The work items of officials, for the start page and for the lists behind its numbers.
WORK_ITEMS = "qinqing.worklist.WORK_ITEMS"
UNFOLD = {
    "SITE_TITLE": _("Qinqing"),
    "SITE_HEADER": _("Qinqing"),
    "SITE_SUBHEADER": _("Subsidies that find you"),
    "SITE_ICON": lambda request: static("qinqing/logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("qinqing/logo.svg")},
    ],
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "qinqing.worklist.fill_start_page",
    "THEME": "light",
    "COLORS": {"primary": JADE},
    "STYLES": [lambda request: static("qinqing/tokens.css"), lambda request: static("qinqing/desk.css")],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "qinqing.navigation.sidebar"},
}
