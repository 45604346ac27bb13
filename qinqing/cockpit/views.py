"""The city's dashboard, open to everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from qinqing.cockpit.charts import lying, standing
from qinqing.cockpit.queries import figures


@require_safe
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show what the city has paid, to whom, where and when."""
    counted = figures(now=timezone.now())
    charts = {
        "districts": lying(counted.by_district),
        "policies": lying(counted.by_policy),
        "days": standing(counted.by_day),
    }
    return render(request, "cockpit/cockpit.html", {"figures": counted, **charts})
