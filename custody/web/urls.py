"""The addresses of the pages."""

from django.urls import path

from custody.web import (
    cases,
    derivatives,
    home,
    intake,
    items,
    keys,
    log_on,
    profile,
    reports,
    transfers,
    victims,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", log_on.log_on, name="log-on"),
    path("logout/", log_on.log_off, name="log-off"),
    path("profile/", profile.profile, name="profile"),
    path("keys/", keys.keys, name="keys"),
    path("keys/to-prove/", keys.keys_to_prove, name="keys-to-prove"),
    path("keys/<str:keyid>/file/", keys.key_file, name="key-file"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/<uuid:case>/", cases.case_page, name="case"),
    path("cases/<uuid:case>/authorities/new", cases.authority_new, name="authority-new"),
    path("cases/<uuid:case>/report/", cases.case_report, name="case-report"),
    path("cases/<uuid:case>/intake/", intake.intake, name="intake"),
    path("cases/<uuid:case>/intake/states/", intake.intake_states, name="intake-states"),
    path("cases/<uuid:case>/victims/", victims.victims, name="victims"),
    path("items/<uuid:item>/", items.item_page, name="item"),
    path("items/<uuid:item>/open/", items.open_original, name="item-open"),
    path("items/<uuid:item>/report/", items.item_report, name="item-report"),
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/<uuid:transfer>/", transfers.transfer_page, name="transfer"),
    path("transfers/<uuid:transfer>/reading/", transfers.reading, name="transfer-reading"),
    path("derivatives/<uuid:derivative>/", derivatives.derivative_page, name="derivative"),
    path("derivatives/<uuid:derivative>/state/", derivatives.derivative_state, name="derivative-state"),
    path(
        "derivatives/<uuid:derivative>/download/", derivatives.derivative_download, name="derivative-download"
    ),
    path("reports/", reports.report_list, name="reports"),
    path("reports/<uuid:report>/", reports.report_page, name="report"),
    path("reports/<uuid:report>/download/", reports.report_download, name="report-download"),
    path("reports/<uuid:report>/receipt/", reports.report_receipt, name="report-receipt"),
]
