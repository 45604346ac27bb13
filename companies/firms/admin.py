"""Companies, their accounts and districts."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from companies.firms import queries
from companies.models import Company, CompanyDistrict, District, Membership, PayeeAccount
from companies.read_only_admin import GrowingAdmin, ReadingInline
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.text import Bilingual


class AccountInline(ReadingInline):
    """The accounts to which money goes; replaced accounts stay in the list."""

    model = PayeeAccount
    fields = (
        *("holder_name", "bank_name", "bank_number", "number_masked"),
        *("is_active", "entered_at", "entered_by", "is_payees_word"),
    )
    ordering = ("-is_active", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayeeAccount]:
        """The accounts with the users that they name."""
        rows: QuerySet[PayeeAccount] = super().get_queryset(request)
        return rows.select_related("entered_by")


class DistrictInline(ReadingInline):
    """The districts of the company, each with its first day."""

    model = CompanyDistrict
    fields = ("district", "valid_from")
    ordering = ("-valid_from",)


class MembershipInline(ReadingInline):
    """The people who act for the company."""

    model = Membership
    fields = ("user", "role", "capacity")
    ordering = ("id",)


@admin.register(Company)
class CompanyAdmin(GrowingAdmin):
    """The companies, with what is known about each."""

    list_display = ("credit_code", "name", "industry_code", "size", "standing", "ownership")
    list_filter = ("size", "standing", "ownership")
    search_fields = ("credit_code__startswith", "name__contains")
    inlines = (AccountInline, DistrictInline, MembershipInline)
    readonly_fields = ("known_rows",)
    fieldsets = (
        (None, {"fields": (("credit_code", "name"), ("industry_code", "industry_edition", "size"))}),
        (_("Registration"), {"fields": (("founded_on", "standing"), ("ownership", "is_government_unit"))}),
        (_("Newest annual report"), {"fields": (("staff", "revenue_cny", "assets_cny"),)}),
        (_("Shared data"), {"fields": ("known_rows",)}),
    )

    @admin.display(description=_("rows by dataset"))
    def known_rows(self, company: Company) -> SafeString:
        """The number of rows that each dataset has about the company, with a link to them."""
        rows = [
            (
                reverse("admin:companies_datasetcontract_rows", args=[known.contract.name]),
                company.credit_code,
                Bilingual(known.contract.word.zh, known.contract.word.en),
                known.rows,
            )
            for known in queries.known_rows(company=company)
        ]
        return format_html_join(" · ", '<a class="text-primary-600" href="{}?credit_code={}">{} {}</a>', rows)


@admin.register(District)
class DistrictAdmin(ReadingAdmin):
    """The districts of the city, with those that were dissolved."""

    list_display = ("code", "name_zh", "name_en", "valid_from", "valid_until")
    ordering = ("code",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """A person who may see companies sees the districts."""
        return request.user.has_perm("companies.view_company")
