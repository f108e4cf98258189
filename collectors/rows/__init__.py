"""Values as the world writes them into rows of a record: checked, masked, refused one by one."""
