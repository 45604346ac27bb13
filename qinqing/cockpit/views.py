"""The city's dashboard, open to everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from qinqing.cockpit.charts import horizontal_bars, vertical_bars
from qinqing.cockpit.queries import figures


@require_safe
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show what the city has paid, to whom, where and when."""
    counted = figures(now=timezone.now())
    charts = {
        "districts": horizontal_bars(counted.by_district),
        "policies": horizontal_bars(counted.by_policy),
        "days": vertical_bars(counted.by_day),
    }
    return render(request, "cockpit/cockpit.html", {"figures": counted, **charts})
