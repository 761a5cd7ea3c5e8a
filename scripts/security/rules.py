# Planted faults: each must be found by the rule that is named above it, and nothing else here may be.
# ruff: noqa


def faults(request, visit, connection, LOG, requests, subprocess):
    # ruleid: no-unescaped-text-in-pages
    Markup(visit)
    # ruleid: no-unescaped-text-in-pages
    mark_safe("x")
    # ruleid: no-sql-in-pages
    connection.execute("SELECT 1")
    # ruleid: no-sql-in-pages
    visit.objects.raw("SELECT 1")
    # ruleid: no-form-without-proof
    visit.csrf_exempt = True
    words = visit.field("words")
    # ruleid: nothing-that-was-sent-in-a-log
    LOG.error("refused: %s", words)
    # ruleid: nothing-that-was-sent-in-a-log
    LOG.warning(f"at {request.path}")
    # ok: nothing-that-was-sent-in-a-log
    LOG.error("a page failed: %s", type(visit).__name__)
    # ruleid: nothing-that-was-sent-in-a-failure
    UsageError(f"{words} is no name")
    # ruleid: nothing-that-was-sent-in-a-failure
    NotFound("There is no such file.", todo=request.POST.get("x"))
    # ok: nothing-that-was-sent-in-a-failure
    UsageError("That is no name.")
    # ruleid: nowhere-that-was-sent
    HttpResponseRedirect(request.GET.get("next"))
    # ruleid: nowhere-that-was-sent
    open(words)
    # ruleid: no-code-from-text
    eval("1")
    # ruleid: no-shell
    subprocess.run("ls", shell=True)
    # ok: no-shell
    subprocess.run(["ls"])
    # ruleid: no-guessable-secret
    random.random()
    # ruleid: no-unproved-connection
    requests.get("https://example.org", verify=False)
