-- CreateTable
CREATE TABLE "sync_progress" (
    "target" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3),
    "settled" BIGINT NOT NULL DEFAULT 0,
    "behind_until" TIMESTAMPTZ(3),
    "recent" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "sync_progress_pkey" PRIMARY KEY ("target")
);

-- CreateIndex
CREATE INDEX "sync_record_target_missing_since_idx" ON "sync_record"("target", "missing_since");
