"""The names that operators' authors and the floors above rely on: taking one away or adding one is a decision."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

NAMES = {
    "operators.context": "PROGRESS_INTERVAL RunContext",
    "operators.discovery": "Broken Discovery GROUP Provider discover find",
    "operators.documents": """
        Artifact InputRef Limits OperatorRef RESULT_FILE STEP_VERSION StepDocument StepError StepResult
        StepState decode_document decode_result encode
    """,
    "operators.errors": """
        ArtifactError Cancelled ClashError ColumnMissing InputError MigrationImpossible OperatorNotFound
        OperatorsError OutputError PackageError ParameterError RequirementMissing SecretMissing SpecError
        StepDocumentError UnsafeModel
    """,
    "operators.frames": """
        check_expression coarse_type empty_frame known_table parse_expression polars_type schema_of
        unused_name
    """,
    "operators.package": """
        CODE_FILE Configure FolderPackage LoadedOperator Package README_FILE Run SPEC_FILE TESTS_FILE
        import_file packages_in
    """,
    "operators.ports": "PORT_TYPES PortType may_connect",
    "operators.schemas": "Column ImagesSchema ModelSchema PortSchema TableSchema VectorsSchema columns_of",
    "operators.secrets": "MASK masked read_secret those_set values_of variable_of",
    "operators.spec": "Change LocalizedText Migration OperatorSpec PortSpec Resources SPEC_VERSION decode_spec",
    "operators.testing": "CHECKS Check Report RunStep check_package run_check step_runner",
    "operators.values": "Images Model Report Vectors",
    "marketplace.catalogue": "Catalogue Entry load_catalogue",
    "marketplace.errors": """
        AccountExists AccountNotFound AccountRefused DatabaseBusy DatabaseFull DatabaseTooNew
        DatabaseUnavailable EngineAlreadyRunning MarketplaceError NotOurDatabase OperatorUnknown
        PipelineError PipelineNotFound PipelineParametersWrong PipelineTooNew PipelineUnreadable
        ProjectExists ProjectNotFound RevisionConflict RowRefused RunNotFound RunUnfinished SettingsError
        StoreError
    """,
    "marketplace.pipelines.document": """
        AtLeastOne Count Edge End Group LocalizedText NODE_ID Name Node NodeId NodeResources NotNegative
        Note Pipeline Position Positive Retries Schedule read_pipeline write_pipeline
    """,
    "marketplace.pipelines.flow": "Flow SchemaFlow Schemas columns_into",
    "marketplace.pipelines.parameters": """
        PLACEHOLDER declared is_placeholder parse_parameters placeholder placeholders resolve_parameters
        with_default_parameters
    """,
    "marketplace.pipelines.validation": "Problem Severity validate",
    "marketplace.settings": "FILE_NAME Language PREFIX Settings bytes_of load_settings",
    "marketplace.store": "Lease Store open_store",
    "scheduler.application": "Application open_application",
    "scheduler.engines.contract": "Engine LogSource",
    "scheduler.errors": """
        ArtifactAbsent EngineUnavailable LeaseLost NodeUnknown NotResumable PipelineInvalid SchedulerError
        WrongTransition
    """,
    "scheduler.plan": """
        Defaults PLAN_VERSION Plan PlanOptions RetryPolicy Source Step decode_plan make_plan order_of
    """,
    "scheduler.runs": "ENGINE_CHECK FOLLOW_INTERVAL Runs StepView new_run_id",
    "scheduler.states": """
        ENDED_RUN ENDED_STEP FINISHED_STEP RUN_TRANSITIONS RunState STEP_TRANSITIONS StepState
        check_transition run_outcome
    """,
}


def _defined(module: str) -> set[str]:
    """What the module says is public in `__all__`, else the public names that are defined at its top."""
    specification = find_spec(module)
    assert specification is not None and specification.origin is not None, f"there is no module {module}"
    found: set[str] = set()
    for statement in ast.parse(Path(specification.origin).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.add(statement.name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    if "__all__" in found:
        return set(import_module(module).__all__)
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("module", NAMES)
def test_exactly_these_names_are_public(module):
    assert _defined(module) == set(NAMES[module].split())


@pytest.mark.parametrize("module", NAMES)
def test_each_of_them_is_there(module):
    loaded = import_module(module)
    for name in NAMES[module].split():
        assert getattr(loaded, name) is not None


@pytest.mark.parametrize("floor", ["form_specs", "marketplace.store"])
def test_an_unknown_name_is_an_attribute_error_that_names_it(floor):
    with pytest.raises(AttributeError, match="nonsense"):
        _ = import_module(floor).nonsense
