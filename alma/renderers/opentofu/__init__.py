"""Files for OpenTofu (and Terraform), in its JSON syntax: one folder, one `main.tf.json`."""
