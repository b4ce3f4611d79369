"""openstackclient and Huawei's SDKs, unmodified, where they are there or can be had."""
TESTS = []
