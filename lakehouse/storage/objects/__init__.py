"""Files of the vault on S3 or in a folder, behind one interface (`store.py`), chosen by `factory.py`."""
