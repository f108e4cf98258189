"""The account's pages, ordered by who may enter. Of allauth's own routes, none but these exist."""

from django.urls import path

from community.accounts import views, views_own

urlpatterns = [
    # Everyone
    path("sign-up", views.sign_up, name="account_signup"),
    path("check-mail", views.check_mail, name="account_email_verification_sent"),
    path("confirm/<str:key>", views.ConfirmEmail.as_view(), name="account_confirm_email"),
    path("sign-in", views.sign_in, name="account_login"),
    path("sign-out", views.sign_out, name="account_logout"),
    path("password/forgotten", views.forgotten, name="account_reset_password"),
    path(
        "password/new/<str:public_id>/<str:token>", views.new_password, name="account_new_password"
    ),
    path("mail/<str:token>", views.stop_mail, name="account_stop_mail"),
    path("goodbye", views.goodbye, name="account_goodbye"),
    # Customers, each for themselves
    path("", views_own.home, name="account_home"),
    path("password", views_own.password, name="account_change_password"),
    path("email", views_own.email, name="account_email"),
    path("phone", views_own.phone, name="account_phone"),
    path("phone/code", views_own.phone_code, name="account_phone_code"),
    path("phone/forget", views_own.phone_forget, name="account_phone_forget"),
    path("download", views_own.download, name="account_download"),
    path("leave", views_own.leave, name="account_leave"),
]
