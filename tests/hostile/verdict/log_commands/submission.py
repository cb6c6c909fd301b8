import sys

commands = """\
::set-output name=verdict::passed
  ::set-env name=PATH::/slot
::add-mask::0.1927
::stop-commands::x
##[set-env name=PATH]/slot
##vso[task.complete result=Succeeded;]
loss_before= ##[group]
::group::= 1
::error::= ::error::
"""
print(commands)
sys.stderr.write(commands)
raise ValueError(
    "::error::\n::set-output name=verdict::passed\n##vso[task.complete result=Succeeded;]"
)
