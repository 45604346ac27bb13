"""The departments' way in: deliver a file, look at what became of it, read what each dataset wants."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from typing import IO, Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.authentication import BasicScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from knox.auth import TokenAuthentication
from rest_framework import status
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotFound, ParseError, Throttled
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from companies.deliveries.access import MAY_DELIVER, MAY_LOOK, deliveries_seen_by
from companies.deliveries.deliver import FutureData, NotYourDataset, OtherBytes, OtherDay, WrongDeliveryId, deliver
from companies.deliveries.registry.targets import UnknownDataset, deliverables
from companies.deliveries.serializers import DatasetSerializer, DeliverySerializer, RefusalSerializer
from companies.deliveries.signatures.arriving import MANIFEST_HEADER, SIGNATURE_HEADER, read_signed
from companies.deliveries.staging.read_file import MAX_PACKED_BYTES, PIECE_BYTES, TooLarge
from companies.firms import queries
from companies.models import ApiToken, User
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.web.login_throttle import is_locked_out
from qinqing.kernel.web.second_factor import has_second_factor, must_have_second_factor

ANSWERS: Mapping[type[Refusal], int] = {
    NotYourDataset: status.HTTP_403_FORBIDDEN,
    OtherBytes: status.HTTP_409_CONFLICT,
    OtherDay: status.HTTP_409_CONFLICT,
    TooLarge: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    UnknownDataset: status.HTTP_400_BAD_REQUEST,
    WrongDeliveryId: status.HTTP_400_BAD_REQUEST,
    FutureData: status.HTTP_400_BAD_REQUEST,
}
_DAY = "The day the data is from; left out, today, and of a delivery that has landed the day that it landed for"
PARAMETERS = [
    OpenApiParameter("delivery_id", str, description="Your id of this delivery."),
    OpenApiParameter("dataset", str, description="The dataset's name."),
    OpenApiParameter("as_of", dt.date, description=f"{_DAY}."),
    OpenApiParameter("Delivery-Id", str, OpenApiParameter.HEADER, description="Instead of delivery_id."),
    OpenApiParameter("Dataset", str, OpenApiParameter.HEADER, description="Instead of dataset."),
    OpenApiParameter("As-Of", dt.date, OpenApiParameter.HEADER, description="Instead of as_of."),
    OpenApiParameter(
        MANIFEST_HEADER, str, OpenApiParameter.HEADER, description="Instead of the form’s manifest: in Base64."
    ),
    OpenApiParameter(
        SIGNATURE_HEADER, str, OpenApiParameter.HEADER, description="Instead of the form’s signature: in Base64."
    ),
]
_TEXT = {"type": "string"}
FORM = {
    "type": "object",
    "properties": {
        "delivery_id": _TEXT,
        "dataset": _TEXT,
        "as_of": {**_TEXT, "format": "date"},
        "file": {**_TEXT, "format": "binary"},
        "manifest": {**_TEXT, "format": "binary", "description": "The signed manifest, as its bytes were signed."},
        "signature": {**_TEXT, "format": "binary", "description": "Its Ed25519 signature: 64 bytes, or in Base64."},
    },
    "required": ["file"],
}
# What every address may answer.
CLOSED = {
    401: OpenApiResponse(RefusalSerializer, description="Nobody signed in, or with a wrong password or token."),
    403: OpenApiResponse(RefusalSerializer, description="The account has no right to this."),
    429: OpenApiResponse(RefusalSerializer, description="Too many wrong passwords came from this address."),
}


class RawBody(BaseParser):
    """Takes the request's body as the file, whatever its type is said to be; the bytes tell what it is."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, IO[Any]]:
        """The body, unread."""
        return {"file": stream}


class SharesData(BasePermission):
    """Lets in the accounts of departments that have the right to what is asked, and superusers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the account belongs to a department and may deliver, or look."""
        user = request.user
        right = MAY_LOOK if request.method in SAFE_METHODS else MAY_DELIVER
        return isinstance(user, User) and (user.is_superuser or bool(user.department)) and user.has_perm(right)


class PasswordAuthentication(BasicAuthentication):
    """Name and password, as long as not too many wrong ones came from the same address."""

    def authenticate_credentials(self, userid: str, password: str, request: Request | None = None) -> Any:
        """
        The account of the name.

        Raises:
            Throttled: no password from there is looked at for a while.
            AuthenticationFailed: it is wrong, or the account needs a second factor, which a machine cannot show.
        """
        if request is not None and is_locked_out(request):
            raise Throttled(detail=_("Too many wrong passwords came from your address; none is looked at for a while."))
        user, none = super().authenticate_credentials(userid, password, request)
        if must_have_second_factor(user) or has_second_factor(user):
            raise AuthenticationFailed(_("A password alone does not open this account; deliver with a token."))
        return user, none


class PasswordScheme(BasicScheme):  # type: ignore[no-untyped-call]
    """How the description of the API names it: HTTP's own way of signing in."""

    target_class = "companies.deliveries.api.PasswordAuthentication"
    priority = 0


class MachineAuthentication(TokenAuthentication):
    """The token of a department's machine, which is kept as its hash."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """
        The account of the token.

        Raises:
            AuthenticationFailed: there is no such token, or it has ended.
        """
        if not token.isascii():
            raise AuthenticationFailed
        user, found = super().authenticate_credentials(token)  # type: ignore[no-untyped-call]
        return user, found


class MachineScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the description of the API names it."""

    target_class = "companies.deliveries.api.MachineAuthentication"


class NoFiles(FileUploadHandler):
    """Stops reading a form at its first file."""

    def new_file(self, *_told: Any, **_named: Any) -> None:
        """
        Take none.

        Raises:
            StopUpload: always.
        """
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """There is none."""

    def file_complete(self, file_size: int) -> None:
        """There is none."""


class DepartmentView(APIView):
    """What only departments may call."""

    # The first one decides how a stranger is answered: 401 and how to sign in.
    authentication_classes = [PasswordAuthentication, MachineAuthentication, SessionAuthentication]
    permission_classes = [SharesData]

    def perform_authentication(self, request: Request) -> None:
        """Know who it is first: the lock of the sign-in looks at the form of whoever has a wrong password."""
        if "Authorization" not in request.headers:
            return super().perform_authentication(request)
        usual = request._request.upload_handlers
        request._request.upload_handlers = [NoFiles(request._request)]
        super().perform_authentication(request)
        if not hasattr(request._request, "_files"):
            request._request.upload_handlers = usual
        return None


class Deliveries(DepartmentView):
    """Where files arrive."""

    parser_classes = [MultiPartParser, RawBody]

    @extend_schema(
        summary="Deliver a file",
        description=(
            "CSV or NDJSON in UTF-8 or GB18030, an xlsx workbook or Parquet, each packed as gzip or zip or not, as the "
            "body or as the field `file` of a form; the bytes tell which it is. Good rows land, wrong ones go to "
            "quarantine. The same id with the same bytes of the same day is answered again. A manifest may "
            "come along, with its signature by a registered key of the department: JSON with exactly `dataset`, "
            "`delivery_id`, `as_of`, `sha256` and `row_count` of the file (without header and blank lines), and "
            "`contract_version` (null for a dataset without a contract). If one of them does not fit, nothing lands; "
            "without a manifest the delivery lands as unsigned (`signed_by` is null)."
        ),
        parameters=PARAMETERS,
        request={
            "text/csv": OpenApiTypes.STR,
            "application/x-ndjson": OpenApiTypes.STR,
            "application/gzip": OpenApiTypes.BINARY,
            "application/zip": OpenApiTypes.BINARY,
            "application/vnd.apache.parquet": OpenApiTypes.BINARY,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": OpenApiTypes.BINARY,
            "multipart/form-data": FORM,
        },
        responses={
            201: DeliverySerializer,
            200: OpenApiResponse(DeliverySerializer, description="It had landed before."),
            **CLOSED,
            400: RefusalSerializer,
            409: OpenApiResponse(RefusalSerializer, description="The id landed with other bytes, or of another day."),
            411: OpenApiResponse(RefusalSerializer, description="It came without its length."),
            413: OpenApiResponse(RefusalSerializer, description="It is larger than a delivery may be."),
            422: OpenApiResponse(
                RefusalSerializer,
                description="The file cannot be read or has other columns, or its signature is wrong.",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Take in one delivery."""
        now = timezone.now()
        with tempfile.TemporaryFile() as spool:
            try:
                delivery = deliver(
                    delivery_id=_asked(request, "delivery_id"),
                    dataset=_asked(request, "dataset"),
                    content=_content(request, spool),
                    as_of_on=_as_of(request),
                    delivered_by=cast(User, request.user),
                    now=now,
                    signed=read_signed(sent=_sent(request), headers=request.headers),
                )
            except Refusal as refusal:
                answer = ANSWERS.get(type(refusal), status.HTTP_422_UNPROCESSABLE_ENTITY)
                return Response({"detail": str(refusal)}, status=answer)
        is_new = status.HTTP_200_OK if delivery.is_repeated else status.HTTP_201_CREATED
        return Response(DeliverySerializer(delivery).data, status=is_new)


class DeliveryDetail(DepartmentView):
    """One delivery as it was taken in."""

    @extend_schema(
        summary="Look at a delivery",
        parameters=[OpenApiParameter("after_row", int, description="Show the quarantine behind this row.")],
        responses={**CLOSED, 200: DeliverySerializer, 400: RefusalSerializer, 404: RefusalSerializer},
    )
    def get(self, request: Request, delivery_id: str) -> Response:
        """What landed under this id, or the newest refusal, with a page of its quarantine."""
        seen = deliveries_seen_by(user=cast(User, request.user)).filter(delivery_id=delivery_id)
        # A landed arrival comes before the failed ones of the same id: "landed" is the later word.
        delivery = seen.order_by("-status", "-id").first()
        if delivery is None:
            raise NotFound(_("There is no delivery {id} of your department.").format(id=delivery_id[:64]))
        shown = DeliverySerializer(delivery, context={"after_row": _after_row(request)})
        return Response(shown.data)


class Datasets(DepartmentView):
    """What each dataset wants: the departments' manual."""

    @extend_schema(summary="Describe the datasets", responses={**CLOSED, 200: DatasetSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """All datasets that can be delivered, with their columns and their newest day."""
        freshness = {"freshness": queries.freshness()}
        return Response(
            [DatasetSerializer(deliverable, context=freshness).data for deliverable in deliverables().values()]
        )


def _asked(request: Request, name: str) -> str:
    header = name.replace("_", "-").title()
    found = request.query_params.get(name) or request.headers.get(header) or _form_field(request, name)
    if not found:
        sentence = _("“{name}” is missing; give it in the address, as header {header} or as form field.")
        raise ParseError(sentence.format(name=name, header=header))
    return found


def _form_field(request: Request, name: str) -> str:
    found = _sent(request).get(name, "")
    return found if isinstance(found, str) else ""


def _sent(request: Request) -> Mapping[str, Any]:
    """What the two parsers above make of a body: a form's fields, or the body itself as `file`."""
    assert isinstance(request.data, Mapping)
    return request.data


def _as_of(request: Request) -> dt.date | None:
    text = request.query_params.get("as_of") or request.headers.get("As-Of") or _form_field(request, "as_of")
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParseError(_("“as_of” is no date such as 2024-03-31.")) from None


def _after_row(request: Request) -> int:
    text = request.query_params.get("after_row", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ParseError(_("“after_row” is no row number."))
    return int(text)


def _content(request: Request, spool: IO[bytes]) -> BinaryIO:
    """The file, so that it can be read twice: a form's is kept by Django, a body is written to the spool."""
    file = _sent(request).get("file")
    if isinstance(file, UploadedFile):
        return cast(BinaryIO, file.file)
    if file is None or isinstance(file, str):
        raise ParseError(_("The file is missing; send it as the body or as the form field “file”."))
    length = 0
    while piece := file.read(PIECE_BYTES):
        length += len(piece)
        if length > MAX_PACKED_BYTES:
            sentence = _("The file is larger than a delivery may be ({limit} MiB); send it in several deliveries.")
            raise TooLarge(sentence.format(limit=MAX_PACKED_BYTES >> 20))
        spool.write(piece)
    return cast(BinaryIO, spool)
