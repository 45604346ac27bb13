"""The least that Django can do for a click: one view, one committed INSERT, and nothing else in front of it."""

from __future__ import annotations

import os

import django
from django.conf import settings

# The same server as the product's, but without middleware, sessions and apps.
if not settings.configured:
    from qinqing import settings as product

    settings.configure(
        SECRET_KEY=product.SECRET_KEY,
        ALLOWED_HOSTS=product.ALLOWED_HOSTS,
        DATABASES=product.DATABASES,
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
    )
    django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

TABLE = """
    CREATE TABLE bench_least (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, company bigint NOT NULL, body text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
    );
    GRANT SELECT, INSERT ON bench_least TO {app}
"""


def insert(request: HttpRequest) -> HttpResponse:
    """Read the form and store it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_least (company, body) VALUES (%s, %s) RETURNING id", [1, request.POST["offer"]]
        )
        (number,) = cursor.fetchone()
    return HttpResponse(status=302, headers={"Location": f"/inserted/{number}/"})


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that the server is up."""
    return HttpResponse("ok")


urlpatterns = [path("insert/", insert), path("healthz", healthz)]
application = get_wsgi_application() if os.environ.get("SERVE_MINIMAL") else None
