--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    name text NOT NULL,
    password text NOT NULL,
    created double precision NOT NULL
);

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

--
-- Name: engine_lease; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.engine_lease (
    id integer NOT NULL,
    details text NOT NULL
);

--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    id bigint NOT NULL,
    run text NOT NULL,
    "time" double precision NOT NULL,
    kind text NOT NULL,
    node text NOT NULL,
    data text NOT NULL
);

--
-- Name: events_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: events_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;

--
-- Name: pipeline_revisions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pipeline_revisions (
    pipeline text NOT NULL,
    revision integer NOT NULL,
    created double precision NOT NULL,
    by text NOT NULL,
    note text NOT NULL,
    document text NOT NULL
);

--
-- Name: pipelines; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pipelines (
    id text NOT NULL,
    project text NOT NULL,
    name text NOT NULL,
    revision integer NOT NULL
);

--
-- Name: projects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.projects (
    id text NOT NULL,
    title text NOT NULL,
    created double precision NOT NULL
);

--
-- Name: runs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.runs (
    id text NOT NULL,
    project text NOT NULL,
    pipeline text,
    revision integer,
    name text NOT NULL,
    state text NOT NULL,
    created double precision NOT NULL,
    started double precision,
    ended double precision,
    by text NOT NULL,
    document text NOT NULL,
    plan text NOT NULL,
    options text NOT NULL,
    cancel_requested boolean NOT NULL,
    error text NOT NULL
);

--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    digest text NOT NULL,
    account text NOT NULL,
    label text NOT NULL,
    created double precision NOT NULL,
    expires double precision NOT NULL
);

--
-- Name: steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.steps (
    run text NOT NULL,
    node text NOT NULL,
    "position" integer NOT NULL,
    state text NOT NULL,
    attempt integer NOT NULL,
    key text NOT NULL,
    output text NOT NULL,
    reason text NOT NULL,
    started double precision,
    ended double precision,
    progress double precision NOT NULL,
    message text NOT NULL,
    result text NOT NULL
);

--
-- Name: events id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);

--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.accounts VALUES ('ann', 'scrypt$16384$8$1$y1Gr6N8/u5DOrswhWCwSjA==$/3aL//CIfaVGeo2j6mwNCOr+C0B9apSej3hEgsz6vxY=', 1795365368.1678329);

--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0001');

--
-- Data for Name: engine_lease; Type: TABLE DATA; Schema: public; Owner: -
--

--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES (1, 'run-1', 1.5, 'run', '', '{"state":"queued"}');

--
-- Data for Name: pipeline_revisions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.pipeline_revisions VALUES ('0f5e86fc296e40958fb83c72617f7317', 1, 1795365368.1565654, 'ann', 'first', '{"schema_version":1,"name":"iris"}');
INSERT INTO public.pipeline_revisions VALUES ('0f5e86fc296e40958fb83c72617f7317', 2, 1795365368.1646056, 'bob', '', '{"schema_version":1,"name":"iris","title":"鸢尾花"}');

--
-- Data for Name: pipelines; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.pipelines VALUES ('0f5e86fc296e40958fb83c72617f7317', 'default', 'iris', 2);

--
-- Data for Name: projects; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.projects VALUES ('default', 'Default', 1795365368.1520011);
INSERT INTO public.projects VALUES ('lab', '实验室', 1795365368.1549947);

--
-- Data for Name: runs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.runs VALUES ('run-1', 'default', 'iris', 2, 'iris', 'failed', 1.5, 2.5, 3.5, 'ann', '{"name":"iris"}', '{"steps":[]}', '{}', true, 'broken');

--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES ('b1fa6604f125fb5a937f1a660a61ac6f0139a67a4c30bfa96e1429d8ff12ef05', 'ann', 'token', 1795365368.2264035, 11795365368.226404);

--
-- Data for Name: steps; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.steps VALUES ('run-1', 'read', 0, 'done', 1, 'k', 'file:///o', '', 2.5, 3, 1, 'read', '{"state":"done"}');

--
-- Name: events_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.events_id_seq', 1, true);

--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

--
-- Name: accounts pk_accounts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT pk_accounts PRIMARY KEY (name);

--
-- Name: engine_lease pk_engine_lease; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_lease
    ADD CONSTRAINT pk_engine_lease PRIMARY KEY (id);

--
-- Name: events pk_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);

--
-- Name: pipeline_revisions pk_pipeline_revisions; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pipeline_revisions
    ADD CONSTRAINT pk_pipeline_revisions PRIMARY KEY (pipeline, revision);

--
-- Name: pipelines pk_pipelines; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pipelines
    ADD CONSTRAINT pk_pipelines PRIMARY KEY (id);

--
-- Name: projects pk_projects; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT pk_projects PRIMARY KEY (id);

--
-- Name: runs pk_runs; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT pk_runs PRIMARY KEY (id);

--
-- Name: sessions pk_sessions; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (digest);

--
-- Name: steps pk_steps; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.steps
    ADD CONSTRAINT pk_steps PRIMARY KEY (run, node);

--
-- Name: pipelines uq_pipelines_project_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pipelines
    ADD CONSTRAINT uq_pipelines_project_name UNIQUE (project, name);

--
-- Name: ix_events_run_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_run_id ON public.events USING btree (run, id);

--
-- Name: ix_runs_created_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_runs_created_id ON public.runs USING btree (created, id);

--
-- Name: ix_runs_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_runs_state ON public.runs USING btree (state);

--
-- Name: ix_sessions_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sessions_account ON public.sessions USING btree (account);

--
-- Name: events fk_events_runs; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_runs FOREIGN KEY (run) REFERENCES public.runs(id) ON DELETE CASCADE;

--
-- Name: pipeline_revisions fk_pipeline_revisions_pipelines; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pipeline_revisions
    ADD CONSTRAINT fk_pipeline_revisions_pipelines FOREIGN KEY (pipeline) REFERENCES public.pipelines(id) ON DELETE CASCADE;

--
-- Name: pipelines fk_pipelines_projects; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pipelines
    ADD CONSTRAINT fk_pipelines_projects FOREIGN KEY (project) REFERENCES public.projects(id) ON DELETE CASCADE;

--
-- Name: sessions fk_sessions_accounts; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_accounts FOREIGN KEY (account) REFERENCES public.accounts(name) ON DELETE CASCADE;

--
-- Name: steps fk_steps_runs; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.steps
    ADD CONSTRAINT fk_steps_runs FOREIGN KEY (run) REFERENCES public.runs(id) ON DELETE CASCADE;

--
-- PostgreSQL database dump complete
--

