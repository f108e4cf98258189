"""The desk's screens: one file each, a script that Streamlit runs inside `app.py`'s visit."""
