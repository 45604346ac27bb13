-- Each move of a version is recorded as a `VersionMove`.
BEGIN
    INSERT INTO policies_versionmove (version_id, sequence, before, after, moved_at, moved_by_id, moved_because)
    VALUES (NEW.id, NEW.sequence, OLD.status, NEW.status, NEW.moved_at, NEW.moved_by_id, NEW.moved_because);
    RETURN NULL;
END;
