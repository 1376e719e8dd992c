-- CreateEnum
CREATE TYPE "sync_edit_kind" AS ENUM ('change', 'create', 'remove');

-- CreateEnum
CREATE TYPE "sync_edit_state" AS ENUM ('waiting', 'pending', 'applied', 'refused', 'lost', 'withdrawn');

-- AlterTable
ALTER TABLE "sync_target" ADD COLUMN     "deletions_approved_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "sync_edit" (
    "id" BIGSERIAL NOT NULL,
    "target" TEXT NOT NULL,
    "record_key" TEXT NOT NULL,
    "kind" "sync_edit_kind" NOT NULL DEFAULT 'change',
    "column_name" TEXT NOT NULL,
    "base" JSONB,
    "shown" JSONB,
    "zone" TEXT NOT NULL DEFAULT '',
    "state" "sync_edit_state" NOT NULL DEFAULT 'pending',
    "open" BOOLEAN DEFAULT true,
    "editor" TEXT,
    "before" JSONB,
    "after" JSONB,
    "code" TEXT,
    "reason" TEXT,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "sync_edit_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sync_edit_decided_at_idx" ON "sync_edit"("decided_at");

-- CreateIndex
CREATE UNIQUE INDEX "sync_edit_target_open_record_key_column_name_key" ON "sync_edit"("target", "open", "record_key", "column_name");
