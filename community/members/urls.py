"""The staff's own pages, ordered by who may enter."""

from django.urls import path

from community.members import views

urlpatterns = [
    # Everyone
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("language", views.choose_language, name="choose_language"),
    # Staff
    path("", views.threshold, name="threshold"),
    path("account", views.account, name="account"),
    path("password", views.change_password, name="change_password"),
]
