"""An optional proposer: a language model reads what no phrase fits, and suggests what the library lacks.

What comes in are sentences and a library; what goes out are statements of the rule language that parse and check. A
reply is text: it is never run, and all that it can do is add statements.
"""
