"""The addresses of the API, version 1."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from custody.api import acts, cases, custody_acts, items, keys, ledger, session, uploads
from custody.api.errors import not_found

urlpatterns = [
    path("auth/token/", session.Token.as_view(), name="api-token"),
    path("me/", session.Me.as_view(), name="api-me"),
    path("people/", cases.People.as_view(), name="api-people"),
    path("keys/", keys.Keys.as_view(), name="api-keys"),
    path("keys/passkeys/", keys.Passkeys.as_view(), name="api-passkeys"),
    path("keys/passkeys/options/", keys.PasskeyOptions.as_view(), name="api-passkey-options"),
    path("drafts/", acts.Drafts.as_view(), name="api-drafts"),
    path("drafts/<uuid:draft>/sign/", acts.SignDraft.as_view(), name="api-draft-sign"),
    path("cases/", cases.Cases.as_view(), name="api-cases"),
    path("cases/<uuid:case>/", cases.Case.as_view(), name="api-case"),
    path("cases/<uuid:case>/authorities/", cases.Authorities.as_view(), name="api-authorities"),
    path("cases/<uuid:case>/items/", cases.CaseItems.as_view(), name="api-case-items"),
    path("cases/<uuid:case>/victims/", cases.Victims.as_view(), name="api-victims"),
    path(
        "victims/<uuid:victim>/identifiers/", cases.VictimIdentifiers.as_view(), name="api-victim-identifiers"
    ),
    path("uploads/", uploads.Uploads.as_view(), name="api-uploads"),
    path("uploads/<uuid:upload>/", uploads.Upload.as_view(), name="api-upload"),
    path("items/<uuid:item>/", items.Item.as_view(), name="api-item"),
    path("items/<uuid:item>/metadata/", items.ItemMetadata.as_view(), name="api-item-metadata"),
    path("items/<uuid:item>/chain/", items.ItemChain.as_view(), name="api-item-chain"),
    path("items/<uuid:item>/content/", items.ItemContent.as_view(), name="api-item-content"),
    path("items/<uuid:item>/derivatives/", items.ItemDerivatives.as_view(), name="api-item-derivatives"),
    path("transfers/", custody_acts.Transfers.as_view(), name="api-transfers"),
    path("transfers/<uuid:transfer>/", custody_acts.Transfer.as_view(), name="api-transfer"),
    path("derivatives/<uuid:derivative>/", custody_acts.Derivative.as_view(), name="api-derivative"),
    path(
        "derivatives/<uuid:derivative>/download/",
        custody_acts.DerivativeDownload.as_view(),
        name="api-derivative-download",
    ),
    path("reports/", custody_acts.Reports.as_view(), name="api-reports"),
    path("reports/<uuid:report>/", custody_acts.Report.as_view(), name="api-report"),
    path("reports/<uuid:report>/receipt/", custody_acts.ReportReceipt.as_view(), name="api-report-receipt"),
    path(
        "reports/<uuid:report>/download/", custody_acts.ReportDownload.as_view(), name="api-report-download"
    ),
    path("receipts/<int:entry>/", ledger.Receipt.as_view(), name="api-receipt"),
    path("receipts/<int:entry>/cose/", ledger.CoseReceipt.as_view(), name="api-receipt-cose"),
    path("ledger/policy/", ledger.Policy.as_view(), name="api-policy"),
    path("ledger/checkpoint/", ledger.Checkpoint.as_view(), name="api-checkpoint"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^.*$", not_found),
]
