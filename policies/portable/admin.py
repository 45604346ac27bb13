"""Export and import of policies as files, in the admin."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from companies.people.permissions import signed_in
from policies.models import PolicyVersion
from policies.portable.export import export
from policies.portable.import_policy import Imported, import_policy
from policies.portable.read_dmn import LIMIT_BYTES, UnreadablePolicy, read
from policies.rules.rules import RuleRefused
from qinqing.kernel.refusals import Refusal


class PolicyFileForm(forms.Form):
    """The file of a policy, and the code under which it is imported."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": ".dmn,.xml", "class": "officer-drop"})
    )
    code = forms.CharField(
        label=gettext_lazy("Another code"),
        required=False,
        max_length=20,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Leave it empty to take the code of the file."),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse a file that is too large, without reading it."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > LIMIT_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(size)d MB; a policy is far smaller.") % {"size": 2}
            )
        return file


class PortablePages:
    """A mixin of the versions' admin: export and import."""

    def get_urls(self) -> list[URLPattern]:
        """The address of the import, before the addresses of the admin."""
        site = self.admin_site  # type: ignore[attr-defined]
        own = [path("import/", site.admin_view(self.import_page), name="policies_import")]
        inherited: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [*own, *inherited]

    @action(description=gettext_lazy("Export as DMN 1.5"), url_path="export", permissions=["view"])
    def export(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The version as a DMN file."""
        return require_safe(_file)(request, object_id)

    @action(description=gettext_lazy("Export as DMN 1.3"), url_path="export-1-3", permissions=["view"])
    def export_older(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Export the version as a DMN 1.3 file, which the modellers of Camunda and bpmn.io can open."""
        return require_safe(_file)(request, object_id, edition="1.3")

    @action(description=gettext_lazy("Import a policy"), url_path="import-policy", permissions=["add"])
    def import_policy(self, request: HttpRequest) -> HttpResponseRedirect:
        """Lead to the page of the import."""
        return redirect("admin:policies_import")

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Import a file as a draft, or show what is wrong with it."""
        if not self.has_add_permission(request):  # type: ignore[attr-defined]
            return HttpResponse(status=403)
        form = PolicyFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (imported := _import_file(request, form)):
            messages.success(request, _say_imported(imported))
            return redirect("admin:policies_policyversion_change", imported.version.pk)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("Import a policy"),
            "form": form,
            "media": self.media,  # type: ignore[attr-defined]
            "back": reverse("admin:policies_policyversion_changelist"),
        }
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "admin/policies/import.html", context, status=status)


def _file(_request: HttpRequest, object_id: int, *, edition: str = "1.5") -> HttpResponse:
    version = get_object_or_404(PolicyVersion.objects.select_related("policy"), pk=object_id)
    name = f"{version.policy.code}-v{version.number}.dmn"
    return HttpResponse(
        export(version=version, edition=edition),
        content_type="application/xml",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


def _import_file(request: HttpRequest, form: PolicyFileForm) -> Imported | None:
    try:
        policy = read(form.cleaned_data["file"].read())
        return import_policy(policy=policy, actor=signed_in(request), code=form.cleaned_data["code"])
    except (UnreadablePolicy, RuleRefused, Refusal) as refused:
        form.add_error("file", str(refused))
        return None


def _say_imported(imported: Imported) -> str:
    said = [_("%(version)s is a draft now; read it before you submit it.") % {"version": imported.version}]
    if imported.new_clauses:
        said.append(_("New in the library: %(names)s.") % {"names": ", ".join(imported.new_clauses)})
    joined = imported.joined
    if joined.new_groups:
        said.append(_("New stacking groups: %(codes)s.") % {"codes": ", ".join(joined.new_groups)})
    if joined.groups:
        said.append(_("It is in the stacking groups %(codes)s now.") % {"codes": ", ".join(joined.groups)})
    return " ".join([*said, *joined.differences])
