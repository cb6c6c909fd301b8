"""What runs beside a submission, inside the container: the server and its walls.

Standard library only, and torch only to describe the environment. Nothing else of the
package is imported here: the runtime image holds this folder and no other, and no
golden value or solution ever enters this process.
"""
