"""Scripts that measure ALMA against a baseline in the same run. They print ratios; they judge nothing."""
