from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='reply',
            name='receipt',
            field=models.CharField(blank=True, max_length=255),
        ),
    ]
