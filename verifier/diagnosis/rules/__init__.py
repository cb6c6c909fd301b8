"""The rules of diagnosis: a module for each stage, each giving suspicions."""
