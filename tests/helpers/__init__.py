"""What tests share: small models, data, trainings, and programs that run in processes of their own.

Nothing happens on import but definitions, so that any process may import any of them.
"""
