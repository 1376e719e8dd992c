-- CreateEnum
CREATE TYPE "sync_target_state" AS ENUM ('active', 'paused', 'stopped');

-- CreateEnum
CREATE TYPE "sync_circuit" AS ENUM ('closed', 'open', 'half_open');

-- CreateEnum
CREATE TYPE "sync_fence_state" AS ENUM ('on', 'off');

-- CreateEnum
CREATE TYPE "sync_operation" AS ENUM ('create', 'update', 'delete', 'upsert');

-- CreateEnum
CREATE TYPE "sync_conflict_state" AS ENUM ('open', 'resolved');

-- CreateEnum
CREATE TYPE "sync_winner" AS ENUM ('database', 'sheet', 'merged', 'none');

-- CreateTable
CREATE TABLE "sync_target" (
    "name" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "tab" TEXT NOT NULL,
    "sheet_id" INTEGER,
    "layout" JSONB,
    "state" "sync_target_state" NOT NULL DEFAULT 'active',
    "reason" TEXT,
    "changed_by" TEXT,
    "state_changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_success_at" TIMESTAMPTZ(3),
    "last_error_at" TIMESTAMPTZ(3),
    "last_error_code" TEXT,
    "last_error" TEXT,
    "api_calls" BIGINT NOT NULL DEFAULT 0,
    "rows_written" BIGINT NOT NULL DEFAULT 0,
    "rows_removed" BIGINT NOT NULL DEFAULT 0,
    "repaired" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sync_target_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "sync_lane" (
    "id" TEXT NOT NULL,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "fence_state" "sync_fence_state" NOT NULL DEFAULT 'on',
    "circuit" "sync_circuit" NOT NULL DEFAULT 'closed',
    "failures" INTEGER NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ(3),
    "probe_at" TIMESTAMPTZ(3),
    "last_error_code" TEXT,
    "last_error" TEXT,
    "holder" TEXT,
    "held_since" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sync_lane_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sync_record" (
    "target" TEXT NOT NULL,
    "record_key" TEXT NOT NULL,
    "base" JSONB NOT NULL,
    "intended" JSONB,
    "operation" "sync_operation",
    "written_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "missing_since" TIMESTAMPTZ(3),

    CONSTRAINT "sync_record_pkey" PRIMARY KEY ("target","record_key")
);

-- CreateTable
CREATE TABLE "sync_conflict" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "target" TEXT NOT NULL,
    "record_key" TEXT NOT NULL,
    "column_name" TEXT NOT NULL,
    "base" JSONB,
    "database" JSONB,
    "sheet" JSONB,
    "winner" "sync_winner" NOT NULL DEFAULT 'none',
    "reason" TEXT NOT NULL,
    "state" "sync_conflict_state" NOT NULL DEFAULT 'open',
    "open" BOOLEAN DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_by" TEXT,
    "resolution" JSONB,

    CONSTRAINT "sync_conflict_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sync_quota" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "sync_quota_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "sync_audit" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "subject" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "sync_audit_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "sync_conflict_target_open_record_key_column_name_key" ON "sync_conflict"("target", "open", "record_key", "column_name");
