BEGIN TRANSACTION;
CREATE TABLE accounts (
	name TEXT NOT NULL, 
	password TEXT NOT NULL, 
	created DOUBLE NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (name)
);
INSERT INTO "accounts" VALUES('ann','scrypt$16384$8$1$Z2LWdfHF3JaSK12VBcE4IA==$pr1GoWw/4jCVU73ESuiLnYffL8s/Gq4KvqMrNXTMl20=',1.79536536669582915304e+09);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE engine_lease (
	id INTEGER NOT NULL, 
	details TEXT NOT NULL, 
	CONSTRAINT pk_engine_lease PRIMARY KEY (id)
);
CREATE TABLE events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run TEXT NOT NULL, 
	time DOUBLE NOT NULL, 
	kind TEXT NOT NULL, 
	node TEXT NOT NULL, 
	data TEXT NOT NULL, 
	CONSTRAINT fk_events_runs FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "events" VALUES(1,'run-1',1.5,'run','','{"state":"queued"}');
CREATE TABLE pipeline_revisions (
	pipeline TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	created DOUBLE NOT NULL, 
	"by" TEXT NOT NULL, 
	note TEXT NOT NULL, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_pipeline_revisions PRIMARY KEY (pipeline, revision), 
	CONSTRAINT fk_pipeline_revisions_pipelines FOREIGN KEY(pipeline) REFERENCES pipelines (id) ON DELETE CASCADE
);
INSERT INTO "pipeline_revisions" VALUES('9bc47e6bb965450483db6052c21f78e2',1,1.79536536669129848479e+09,'ann','first','{"schema_version":1,"name":"iris"}');
INSERT INTO "pipeline_revisions" VALUES('9bc47e6bb965450483db6052c21f78e2',2,1.79536536669452595708e+09,'bob','','{"schema_version":1,"name":"iris","title":"鸢尾花"}');
CREATE TABLE pipelines (
	id TEXT NOT NULL, 
	project TEXT NOT NULL, 
	name TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT pk_pipelines PRIMARY KEY (id), 
	CONSTRAINT uq_pipelines_project_name UNIQUE (project, name), 
	CONSTRAINT fk_pipelines_projects FOREIGN KEY(project) REFERENCES projects (id) ON DELETE CASCADE
);
INSERT INTO "pipelines" VALUES('9bc47e6bb965450483db6052c21f78e2','default','iris',2);
CREATE TABLE projects (
	id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	created DOUBLE NOT NULL, 
	CONSTRAINT pk_projects PRIMARY KEY (id)
);
INSERT INTO "projects" VALUES('default','Default',1.79536536668857312198e+09);
INSERT INTO "projects" VALUES('lab','实验室',1.79536536669060564045e+09);
CREATE TABLE runs (
	id TEXT NOT NULL, 
	project TEXT NOT NULL, 
	pipeline TEXT, 
	revision INTEGER, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	created DOUBLE NOT NULL, 
	started DOUBLE, 
	ended DOUBLE, 
	"by" TEXT NOT NULL, 
	document TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	options TEXT NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	error TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('run-1','default','iris',2,'iris','failed',1.5,2.5,3.5,'ann','{"name":"iris"}','{"steps":[]}','{}',1,'broken');
CREATE TABLE sessions (
	digest TEXT NOT NULL, 
	account TEXT NOT NULL, 
	label TEXT NOT NULL, 
	created DOUBLE NOT NULL, 
	expires DOUBLE NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (digest), 
	CONSTRAINT fk_sessions_accounts FOREIGN KEY(account) REFERENCES accounts (name) ON DELETE CASCADE
);
INSERT INTO "sessions" VALUES('53fa87aa10752e8b6d4fc21ddfe41e82284c2e0489726d9e7b35fd9655fe5024','ann','token',1.79536536675508451464e+09,1.17953653667550849911e+10);
CREATE TABLE steps (
	run TEXT NOT NULL, 
	node TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	output TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	started DOUBLE, 
	ended DOUBLE, 
	progress DOUBLE NOT NULL, 
	message TEXT NOT NULL, 
	result TEXT NOT NULL, 
	CONSTRAINT pk_steps PRIMARY KEY (run, node), 
	CONSTRAINT fk_steps_runs FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "steps" VALUES('run-1','read',0,'done',1,'k','file:///o','',2.5,3.0,1.0,'read','{"state":"done"}');
CREATE INDEX ix_sessions_account ON sessions (account);
CREATE INDEX ix_runs_created_id ON runs (created, id);
CREATE INDEX ix_runs_state ON runs (state);
CREATE INDEX ix_events_run_id ON events (run, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',1);
COMMIT;
