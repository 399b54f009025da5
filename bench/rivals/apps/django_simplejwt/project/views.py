"""Who is logged in, by Django REST framework's generic view and model serializer."""

from django.contrib.auth.models import User
from rest_framework.generics import RetrieveAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.serializers import ModelSerializer


class UserSerializer(ModelSerializer):
    """A user as it sees itself."""

    class Meta:
        """Its fields."""

        model = User
        fields = ("id", "username", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")


class Me(RetrieveAPIView):
    """The user that the token names."""

    permission_classes = (IsAuthenticated,)
    serializer_class = UserSerializer

    def get_object(self) -> User:
        """Return the user whom Simple JWT has authenticated."""
        return self.request.user
